# Every container says how much processor and memory it requests, and how much memory it may have.
package bivouac_rules.resources

import rego.v1

deny contains message if {
	some container in containers
	some resource in ["cpu", "memory"]
	not states(container, "requests", resource)
	# Kubernetes takes a limit as the request if there is none.
	not states(container, "limits", resource)
	message := sprintf(
		"the container `%v` of the %v `%v` requests no %v: set `resources.requests.%v`",
		[object.get(container, "name", ""), input.kind, name, resource, resource],
	)
}

deny contains message if {
	some container in containers
	not states(container, "limits", "memory")
	message := sprintf(
		"the container `%v` of the %v `%v` may take all memory of its node: set `resources.limits.memory`",
		[object.get(container, "name", ""), input.kind, name],
	)
}

states(container, bound, resource) if not object.get(container, ["resources", bound, resource], null) in [null, ""]

containers contains container if {
	some list in ["containers", "initContainers"]
	some container in pod[list]
}

pod := input.spec if input.kind == "Pod"

pod := input.spec.template.spec if {
	input.kind in ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"]
}

pod := input.spec.jobTemplate.spec.template.spec if input.kind == "CronJob"

name := object.get(input, ["metadata", "name"], "")
