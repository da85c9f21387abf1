# No Secret holds its data in the manifests: what is committed can be read by everybody who can read the repository.
# Encrypted with SOPS is fine, and so are the kinds that fetch or decrypt it in the cluster.
package bivouac_rules.no_inline_secrets

import rego.v1

deny contains message if {
	input.kind == "Secret"
	input.apiVersion == "v1"
	some field in ["data", "stringData"]
	some key, value in input[field]
	value != ""
	not is_encrypted(value)
	message := sprintf(
		"the Secret `%v` holds `%v.%v` in plain sight: encrypt it with SOPS, or use a SealedSecret or an ExternalSecret",
		[name, field, key],
	)
}

is_encrypted(value) if {
	is_object(input.sops)
	is_string(value)
	startswith(value, "ENC[")
}

name := object.get(input, ["metadata", "name"], "")
