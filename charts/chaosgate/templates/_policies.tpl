{{/* "true" where any policy is on. */}}
{{- define "chaosgate.policies" -}}
{{- $upstreams := .Values.policies.upstreams }}
{{- with .Values.policies }}
{{- if or .namespaceLabel $upstreams.ownNamespace $upstreams.suffixes .maxDurationSeconds (lt (int .maxConnectionsPercent) 100) .requireInject .audit -}}
true
{{- end }}
{{- end }}
{{- end }}

{{/* Name of an object for the whole cluster: with the namespace too, so that releases of one name can be in several. */}}
{{- define "chaosgate.policyName" -}}
{{ .root.Release.Namespace }}-{{ include "chaosgate.fullname" .root }}-tcpgates-{{ .name }}
{{- end }}

{{/*
What all policies begin with, from a dict of root and name. None is asked about a request that leaves the spec alone, so
that none keeps a finalizer or a label in place.
*/}}
{{- define "chaosgate.policy" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ include "chaosgate.policyName" . }}
  labels:
    {{- include "chaosgate.labels" .root | nindent 4 }}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - apiGroups: [chaosgate.dev]
        apiVersions: [v1alpha1]
        operations: [CREATE, UPDATE]
        resources: [tcpgates]
  matchConditions:
    - name: spec-changes
      expression: request.operation == 'CREATE' || object.spec != oldObject.spec
{{- end }}

{{/* The same for its binding: the policy holds in the namespaces that this release serves. */}}
{{- define "chaosgate.policyBinding" -}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ include "chaosgate.policyName" . }}
  labels:
    {{- include "chaosgate.labels" .root | nindent 4 }}
spec:
  policyName: {{ include "chaosgate.policyName" . }}
  validationActions: [Deny]
  {{- with .root.Values.namespaces }}
  matchResources:
    namespaceSelector:
      matchExpressions:
        - key: kubernetes.io/metadata.name
          operator: In
          values:
            {{- toYaml . | nindent 12 }}
  {{- end }}
{{- end }}

{{/*
Variables of the expressions. dyn() makes the API server take an object of named fields for a map, whose keys can be
listed: the policies need not know the faults by name.
*/}}
{{- define "chaosgate.policyVariables" -}}
- name: toServer
  expression: dyn(object.spec.toServer).filter(field, field != 'connectionsPercent')
- name: toClient
  expression: dyn(object.spec.toClient).filter(field, field != 'connectionsPercent')
- name: hasFaults
  expression: variables.toServer.size() > 0 || variables.toClient.size() > 0 || object.spec.newConnections != 'Accept'
- name: inForce
  expression: variables.hasFaults && !object.spec.suspend
{{- end }}

{{/* The same, with whether a request only takes faults away from a gate: that is always allowed. */}}
{{- define "chaosgate.policyLifts" -}}
- name: lifts
  expression: >-
    request.operation == 'UPDATE' && !variables.inForce && object.spec.?upstream == oldObject.spec.?upstream &&
    (!has(object.spec.disconnect) || has(oldObject.spec.disconnect) && object.spec.disconnect == oldObject.spec.disconnect)
{{- end }}

{{/* The same, with the names of all fields of faults that a request changes. */}}
{{- define "chaosgate.policyChanges" -}}
- name: now
  expression: dyn(object.spec)
- name: before
  expression: >-
    request.operation == 'UPDATE' ? dyn(oldObject.spec) : dyn({
    'toServer': dyn({'connectionsPercent': dyn(100)}), 'toClient': dyn({'connectionsPercent': dyn(100)}),
    'newConnections': dyn('Accept'), 'suspend': dyn(false), 'seed': dyn(0)})
- name: changed
  expression: >-
    {{- range list "toServer" "toClient" }}
    variables.now.{{ . }}.filter(field, !(field in variables.before.{{ . }}) || variables.now.{{ . }}[field] != variables.before.{{ . }}[field]).map(field, '{{ . }}.' + field) +
    variables.before.{{ . }}.filter(field, !(field in variables.now.{{ . }})).map(field, '{{ . }}.' + field) +
    {{- end }}
    ['newConnections', 'disconnect', 'durationSeconds', 'suspend', 'faultsNonce', 'seed'].filter(field,
    (field in variables.now) != (field in variables.before) || field in variables.now && variables.now[field] != variables.before[field])
{{- end }}
