{{- define "chaosgate.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of a Service has at most 63 characters, and "-metrics" is added to this one. */}}
{{- define "chaosgate.fullname" -}}
{{- $name := include "chaosgate.name" . }}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) }}
{{- default $full .Values.fullnameOverride | trunc 55 | trimSuffix "-" }}
{{- end }}

{{- define "chaosgate.serviceAccountName" -}}
{{- default (ternary (include "chaosgate.fullname" .) "default" .Values.serviceAccount.create) .Values.serviceAccount.name }}
{{- end }}

{{- define "chaosgate.leaseName" -}}
{{ include "chaosgate.fullname" . }}-operator
{{- end }}

{{- define "chaosgate.selectorLabels" -}}
{{- dict "app.kubernetes.io/name" (include "chaosgate.name" .) "app.kubernetes.io/instance" .Release.Name | toYaml }}
{{- end }}

{{/* What tells the operator's pods from every other pod of the release, the test's for one. */}}
{{- define "chaosgate.operatorLabels" -}}
{{ include "chaosgate.selectorLabels" . }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "chaosgate.labels" -}}
{{- $own := dict
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/version" .Chart.AppVersion
  "app.kubernetes.io/managed-by" .Release.Service
  "app.kubernetes.io/part-of" "chaosgate"
}}
{{- $selector := include "chaosgate.selectorLabels" . | fromYaml }}
{{- mergeOverwrite (deepCopy .Values.commonLabels) $own $selector | toYaml }}
{{- end }}

{{/* Reference of an image, from a dict of registry, repository, tag and digest. */}}
{{- define "chaosgate.reference" -}}
{{- with .registry }}{{ . }}/{{ end }}{{ .repository }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}
{{- end }}

{{- define "chaosgate.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion }}
{{- include "chaosgate.reference" (mergeOverwrite (deepCopy .Values.image) (dict "tag" $tag)) }}
{{- end }}

{{/* The operator's image with what is set for the proxies; its digest is that of another image as soon as anything is. */}}
{{- define "chaosgate.proxyImage" -}}
{{- $own := dict }}
{{- range $key, $value := .Values.proxy.image }}{{ if $value }}{{ $_ := set $own $key $value }}{{ end }}{{ end }}
{{- if $own }}
{{- $operator := dict "registry" .Values.image.registry "repository" .Values.image.repository "tag" (.Values.image.tag | default .Chart.AppVersion) }}
{{- include "chaosgate.reference" (mergeOverwrite $operator $own) }}
{{- else }}
{{- include "chaosgate.image" . }}
{{- end }}
{{- end }}

{{/*
"true" where this release installs or upgrades the CustomResourceDefinition: it is the release's own, or there is none
yet, or nobody can be asked (helm template). Empty where the one that the cluster has does as well. There is one for the
whole cluster, and Helm takes no object over from another release.
*/}}
{{- define "chaosgate.installsCrd" -}}
{{- $release := .root.Release }}
{{- $name := "tcpgates.chaosgate.dev" }}
{{- $metadata := dig "metadata" dict (lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" $name) }}
{{- $annotations := dig "annotations" dict $metadata }}
{{- $ownerName := dig "meta.helm.sh/release-name" "" $annotations }}
{{- $ownerNamespace := dig "meta.helm.sh/release-namespace" "" $annotations }}
{{- if dig "deletionTimestamp" "" $metadata }}
{{- fail (printf "The CustomResourceDefinition %s is being deleted, and with it every TcpGate: wait until it is gone (kubectl wait --for=delete crd/%s)" $name $name) }}
{{- else if or (empty $metadata) (and (eq $ownerName $release.Name) (eq $ownerNamespace $release.Namespace)) -}}
true
{{- else if ne .hash (dig "chaosgate.dev/definition-hash" "" $annotations) }}
{{- if $ownerName }}
{{- fail (printf `
The cluster has the CustomResourceDefinition %s of another version of chaosgate: that of release %s in namespace %s.
Where that release is still in use, upgrade it first. Otherwise let this one own and update the definition:

  kubectl annotate crd %s --overwrite meta.helm.sh/release-name=%s meta.helm.sh/release-namespace=%s

Or update it in another way, and set crds.enabled=false` $name $ownerName $ownerNamespace $name $release.Name $release.Namespace) }}
{{- else }}
{{- fail (printf `
The cluster has the CustomResourceDefinition %s of another version of chaosgate, and no release owns it. Update it:

  kubectl apply --server-side --force-conflicts -f crds/chaosgate.dev_tcpgates.yaml

Or update it in another way, and set crds.enabled=false` $name) }}
{{- end }}
{{- end }}
{{- end }}

{{/*
The ClusterRole for those who may use the lever. Releases of one name beside each other serve namespaces of their own.
*/}}
{{- define "chaosgate.leverRole" -}}
{{- if .Values.namespaces }}{{ .Release.Namespace }}-{{ end }}{{ include "chaosgate.fullname" . }}-lever
{{- end }}
