# Every workload has the labels that are asked for: `data.bivouac.labels` is a list of their names.
package bivouac_rules.mandatory_labels

import rego.v1

workloads := [
	"Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob",
]

deny contains message if {
	input.kind in workloads
	some label in data.bivouac.labels
	object.get(input, ["metadata", "labels", label], "") in ["", null]
	message := sprintf(
		"the %v `%v` lacks the label `%v`: set it in `metadata.labels`",
		[input.kind, object.get(input, ["metadata", "name"], ""), label],
	)
}
