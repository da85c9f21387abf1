# Every host is the previews' domain, `data.bivouac.domain`, or within it.
package bivouac_rules.host_in_domain

import rego.v1

deny contains message if {
	some host in hosts
	not is_within(trim_suffix(lower(host), "."))
	message := sprintf(
		"the host `%v` of the %v `%v` is not within `%v`: use a name that ends in `.%v`",
		[host, input.kind, name, data.bivouac.domain, data.bivouac.domain],
	)
}

deny contains message if {
	is_open
	message := sprintf(
		"the %v `%v` states no host, and would answer for every host: use a name that ends in `.%v`",
		[input.kind, name, data.bivouac.domain],
	)
}

is_within(host) if host == lower(data.bivouac.domain)

is_within(host) if endswith(host, concat("", [".", lower(data.bivouac.domain)]))

hosts contains host if {
	input.kind == "Ingress"
	some rule in input.spec.rules
	host := rule.host
	host != ""
}

hosts contains host if {
	input.kind == "Ingress"
	some entry in input.spec.tls
	some host in entry.hosts
}

hosts contains host if {
	input.kind in ["HTTPRoute", "GRPCRoute", "TLSRoute"]
	some host in input.spec.hostnames
}

hosts contains host if {
	input.kind == "Gateway"
	some listener in input.spec.listeners
	host := listener.hostname
	host != ""
}

# Istio's; a name without a dot is a Service in the same namespace.
hosts contains host if {
	input.kind == "VirtualService"
	some host in input.spec.hosts
	contains_any(host, [".", "*"])
}

hosts contains host if {
	input.kind == "Gateway"
	some server in input.spec.servers
	some stated in server.hosts
	# It may say in front for which namespace: `team/app.example.com`.
	parts := split(stated, "/")
	host := parts[count(parts) - 1]
}

# OpenShift's; without a host, the cluster makes one up.
hosts contains host if {
	input.kind == "Route"
	host := input.spec.host
	host != ""
}

# Knative's: its name is the host.
hosts contains name if input.kind == "DomainMapping"

is_open if {
	input.kind == "Ingress"
	some rule in input.spec.rules
	object.get(rule, "host", "") in ["", null]
}

is_open if {
	input.kind == "Ingress"
	object.get(input, ["spec", "defaultBackend"], null) != null
}

is_open if {
	input.kind in ["HTTPRoute", "GRPCRoute", "TLSRoute"]
	object.get(input, ["spec", "hostnames"], []) in [[], null]
}

contains_any(text, parts) if {
	some part in parts
	contains(text, part)
}

name := object.get(input, ["metadata", "name"], "")
