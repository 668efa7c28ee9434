{{/*
Fails for values that values.schema.json cannot refuse, as they depend on each other. The operator refuses the same ones
(src/operator/config.ts), but only when it starts.
*/}}
{{- define "chaosgate.checks" -}}
{{- if and (gt (int .Values.replicaCount) 1) (not .Values.leaderElection.enabled) }}
{{- fail "leaderElection.enabled must be true with replicaCount above 1: two operators would work on the same gates" }}
{{- end }}
{{- with .Values.leaderElection }}
{{- if ge (int .renewSeconds) (int .leaseSeconds) }}
{{- fail (printf "leaderElection.renewSeconds (%d) must be less than leaderElection.leaseSeconds (%d): a leader has to give up before another one begins" (int .renewSeconds) (int .leaseSeconds)) }}
{{- end }}
{{- if ge (int .retrySeconds) (int .renewSeconds) }}
{{- fail (printf "leaderElection.retrySeconds (%d) must be less than leaderElection.renewSeconds (%d): a leader needs more than one try" (int .retrySeconds) (int .renewSeconds)) }}
{{- end }}
{{- end }}
{{- if and .Values.metrics.serviceMonitor.enabled (not .Values.metrics.enabled) }}
{{- fail "metrics.serviceMonitor.enabled needs metrics.enabled: a ServiceMonitor finds its targets by the Service" }}
{{- end }}
{{- if include "chaosgate.policies" . }}
{{- /* Without a cluster (helm template) Helm knows no kinds, a Pod's included, and the version decides. */ -}}
{{- $api := "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy" }}
{{- $asked := .Capabilities.APIVersions.Has "v1/Pod" }}
{{- if not (or (.Capabilities.APIVersions.Has $api) (and (not $asked) (semverCompare ">=1.30.0-0" .Capabilities.KubeVersion.Version))) }}
{{- fail (printf "policies needs %s, which Kubernetes has since 1.30, and this cluster (%s) does not serve: set every value of policies back to its default, or upgrade the cluster" $api .Capabilities.KubeVersion.Version) }}
{{- end }}
{{- end }}
{{- $buffers := .Values.proxy.buffers }}
{{- include "chaosgate.checkResources" (dict "path" "proxy.resources" "resources" .Values.proxy.resources "buffers" $buffers) }}
{{- range $namespace, $resources := .Values.proxy.resourcesByNamespace }}
{{- $path := printf "proxy.resourcesByNamespace.%s" $namespace }}
{{- if and $.Values.namespaces (not (has $namespace $.Values.namespaces)) }}
{{- fail (printf "%s: the namespace is not one of namespaces, and so is not served" $path) }}
{{- end }}
{{- include "chaosgate.checkResources" (dict "path" $path "resources" $resources "buffers" $buffers) }}
{{- end }}
{{- end }}

{{/* Of a proxy, from a dict of path, resources and buffers. */}}
{{- define "chaosgate.checkResources" -}}
{{- $path := .path }}
{{- $limits := dig "limits" dict (.resources | default dict) }}
{{- range $name, $request := dig "requests" dict (.resources | default dict) }}
{{- $limit := get $limits $name }}
{{- if and (hasKey $limits $name) (gt (include "chaosgate.quantity" $request | float64) (include "chaosgate.quantity" $limit | float64)) }}
{{- fail (printf "%s.requests.%s (%v) must be at most %s.limits.%s (%v)" $path $name $request $path $name $limit) }}
{{- end }}
{{- end }}
{{- if hasKey $limits "memory" }}
{{- $memory := include "chaosgate.quantity" $limits.memory | float64 }}
{{- $held := float64 .buffers.processBytes }}
{{- if lt $memory 134217728.0 }}
{{- fail (printf "%s.limits.memory (%v) must be at least 128Mi" $path $limits.memory) }}
{{- else if and (gt $held 0.0) (lt $memory (addf 100663296.0 (mulf $held 2.0))) }}
{{- fail (printf "%s.limits.memory (%v) must be at least 96Mi and twice proxy.buffers.processBytes (%.0f): the process and the sockets need memory, too" $path $limits.memory $held) }}
{{- end }}
{{- end }}
{{- end }}

{{/* The number that a quantity stands for, such as 67108864 for 64Mi. */}}
{{- define "chaosgate.quantity" -}}
{{- $suffix := regexFind "([numkMGTPE]|[KMGTPE]i)$" (toString .) }}
{{- $units := dict "n" 1e-9 "u" 1e-6 "m" 1e-3 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18
  "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 "Pi" 1125899906842624.0 "Ei" 1152921504606846976.0 }}
{{- mulf (trimSuffix $suffix (toString .) | float64) (get $units $suffix | default 1.0) }}
{{- end }}
