# No container is privileged, may become more than it is, runs as root, or reaches into its node.
package bivouac_rules.security_context

import rego.v1

deny contains message if {
	some container in containers
	context(container, "privileged", false) != false
	message := sprintf("%v is privileged: remove `securityContext.privileged`", [title(container)])
}

deny contains message if {
	some container in containers
	context(container, "allowPrivilegeEscalation", true) != false
	message := sprintf(
		"%v may gain privileges: set `securityContext.allowPrivilegeEscalation: false`",
		[title(container)],
	)
}

deny contains message if {
	some container in containers
	context(container, "runAsNonRoot", object.get(pod, ["securityContext", "runAsNonRoot"], false)) != true
	message := sprintf(
		"%v may run as root: set `securityContext.runAsNonRoot: true`, there or for the whole pod",
		[title(container)],
	)
}

deny contains message if {
	some container in containers
	context(container, "runAsUser", object.get(pod, ["securityContext", "runAsUser"], 1)) == 0
	message := sprintf("%v runs as root: set `securityContext.runAsUser` to another user than 0", [title(container)])
}

deny contains message if {
	some container in containers
	some capability in object.get(container, ["securityContext", "capabilities", "add"], [])
	capability != "NET_BIND_SERVICE"
	message := sprintf(
		"%v adds the capability `%v`: remove it from `securityContext.capabilities.add`",
		[title(container), capability],
	)
}

deny contains message if {
	some field in ["hostNetwork", "hostPID", "hostIPC"]
	object.get(pod, field, false) != false
	message := sprintf("the %v `%v` shares its node's `%v`: remove it", [input.kind, name, field])
}

deny contains message if {
	some volume in pod.volumes
	object.get(volume, "hostPath", null) != null
	message := sprintf(
		"the volume `%v` of the %v `%v` is a directory of its node: use another kind than `hostPath`",
		[object.get(volume, "name", ""), input.kind, name],
	)
}

context(container, field, otherwise) := object.get(container, ["securityContext", field], otherwise)

title(container) := sprintf("the container `%v` of the %v `%v`", [object.get(container, "name", ""), input.kind, name])

containers contains container if {
	some list in ["containers", "initContainers", "ephemeralContainers"]
	some container in pod[list]
}

pod := input.spec if input.kind == "Pod"

pod := input.spec.template.spec if {
	input.kind in ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"]
}

pod := input.spec.jobTemplate.spec.template.spec if input.kind == "CronJob"

name := object.get(input, ["metadata", "name"], "")
