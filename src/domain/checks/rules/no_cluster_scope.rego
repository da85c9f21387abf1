# Nothing is cluster-scoped but the preview's own namespace, which is `data.bivouac.namespace`.
package bivouac_rules.no_cluster_scope

import rego.v1

# All cluster-scoped kinds of Kubernetes 1.34, and common ones of others.
kinds := {
	"": ["ComponentStatus", "Node", "PersistentVolume"],
	"admissionregistration.k8s.io": [
		"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
		"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
	],
	"apiextensions.k8s.io": ["CustomResourceDefinition"],
	"apiregistration.k8s.io": ["APIService"],
	"authentication.k8s.io": ["SelfSubjectReview", "TokenReview"],
	"authorization.k8s.io": ["SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"],
	"certificates.k8s.io": ["CertificateSigningRequest", "ClusterTrustBundle"],
	"flowcontrol.apiserver.k8s.io": ["FlowSchema", "PriorityLevelConfiguration"],
	"internal.apiserver.k8s.io": ["StorageVersion"],
	"networking.k8s.io": ["IPAddress", "IngressClass", "ServiceCIDR"],
	"node.k8s.io": ["RuntimeClass"],
	"rbac.authorization.k8s.io": ["ClusterRole", "ClusterRoleBinding"],
	"resource.k8s.io": ["DeviceClass", "DeviceTaintRule", "ResourceSlice"],
	"scheduling.k8s.io": ["PriorityClass"],
	"storage.k8s.io": ["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"],
	"storagemigration.k8s.io": ["StorageVersionMigration"],
	"cert-manager.io": ["ClusterIssuer"],
	"external-secrets.io": ["ClusterExternalSecret", "ClusterPushSecret", "ClusterSecretStore"],
	"gateway.networking.k8s.io": ["GatewayClass"],
	"kyverno.io": ["ClusterCleanupPolicy", "ClusterPolicy", "GlobalContextEntry"],
	"snapshot.storage.k8s.io": ["VolumeSnapshotClass", "VolumeSnapshotContent"],
}

deny contains message if {
	input.kind in kinds[group]
	message := sprintf(
		"the %v `%v` is for the whole cluster, which a preview shares with others: use a kind that is in a namespace",
		[input.kind, name],
	)
}

deny contains message if {
	input.kind == "Namespace"
	group == ""
	name != data.bivouac.namespace
	message := sprintf(
		"the Namespace `%v` is not the preview's own: its name would have to be `%v`",
		[name, data.bivouac.namespace],
	)
}

group := split(input.apiVersion, "/")[0] if contains(input.apiVersion, "/")

group := "" if not contains(input.apiVersion, "/")

name := object.get(input, ["metadata", "name"], "")
