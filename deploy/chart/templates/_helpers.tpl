{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}

{{- define "sallyport.name" -}}
{{- $name := .Release.Name }}
{{- if not (contains "sallyport" $name) }}{{ $name = printf "%s-sallyport" $name }}{{ end }}
{{- $name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "sallyport.selector" -}}
app.kubernetes.io/name: sallyport
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sallyport.labels" -}}
{{ include "sallyport.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "sallyport.serviceAccount" -}}
{{- if .Values.serviceAccount.name }}{{ .Values.serviceAccount.name }}
{{- else if .Values.serviceAccount.create }}{{ include "sallyport.name" . }}
{{- else }}default
{{- end }}
{{- end }}

{{- /* Its own Service, where there is one and it lies in a namespace that is read. */ -}}
{{- define "sallyport.publishesService" -}}
{{- $reads := or (has .Release.Namespace .Values.watch.namespaces) (not (or .Values.watch.namespaces .Values.watch.namespaceSelector)) }}
{{- if and (eq .Values.kind "Deployment") $reads (not .Values.publishAddresses) }}yes{{ end }}
{{- end }}

{{- /* The nodes of its pods: whoever reaches one reaches a pod of a DaemonSet, by its host ports. */ -}}
{{- define "sallyport.publishesNodes" -}}
{{- if and (eq .Values.kind "DaemonSet") .Values.publishNodes (not .Values.publishAddresses) }}yes{{ end }}
{{- end }}

{{- /* What an option takes is quoted as JSON, which is YAML. */ -}}
{{- define "sallyport.arguments" -}}
- run
- --kubernetes
{{- range .Values.watch.namespaces }}
- {{ printf "--namespace=%s" . | toJson }}
{{- end }}
{{- with .Values.watch.namespaceSelector }}
- {{ printf "--namespace-selector=%s" . | toJson }}
{{- end }}
- --watch-without-class={{ .Values.watch.withoutClass }}
- {{ printf "--lease=%s/%s" .Release.Namespace (include "sallyport.name" .) | toJson }}
{{- range .Values.publishAddresses }}
- {{ printf "--publish-address=%s" . | toJson }}
{{- end }}
{{- if include "sallyport.publishesService" . }}
- {{ printf "--publish-service=%s/%s" .Release.Namespace (include "sallyport.name" .) | toJson }}
{{- else if not (or (include "sallyport.publishesNodes" .) .Values.publishAddresses) }}
- --publish-nodes=off
{{- end }}
- --port-map=80=8080
- --port-map=443=8443
- --health=0.0.0.0:9902
- --health=[::]:9902
- --admin=off
- --access-log={{ ternary "-" "off" .Values.accessLog }}
- --lameduck={{ int .Values.lameduckSeconds }}
- --drain-timeout={{ int .Values.drainSeconds }}
{{- range .Values.trustedProxies }}
- {{ printf "--trusted-proxies=%s" . | toJson }}
{{- end }}
{{- if ne .Values.proxyProtocol "off" }}
- --proxy-protocol={{ .Values.proxyProtocol }}
{{- end }}
{{- range .Values.proxyProtocolFrom }}
- {{ printf "--proxy-protocol-from=%s" . | toJson }}
{{- end }}
{{- if .Values.lastGood.enabled }}
- --last-good=/var/lib/sallyport/last-good
{{- if .Values.lastGood.keySecret }}
- --last-good-key=/etc/sallyport/last-good/key
{{- else }}
- --last-good-without-secrets
{{- end }}
{{- end }}
{{- range .Values.options }}
- {{ . | toJson }}
{{- end }}
{{- end }}

{{- define "sallyport.pod" -}}
metadata:
  labels:
    {{- include "sallyport.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- with .Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "sallyport.serviceAccount" . }}
  # Lameduck, drain, and some seconds to end.
  terminationGracePeriodSeconds: {{ add .Values.lameduckSeconds .Values.drainSeconds 5 }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    seccompProfile:
      {{- toYaml .Values.seccompProfile | nindent 6 }}
  containers:
  - name: sallyport
    image: {{ printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) | quote }}
    imagePullPolicy: {{ .Values.image.pullPolicy }}
    args:
      {{- include "sallyport.arguments" . | nindent 4 }}
    {{- if include "sallyport.publishesNodes" . }}
    # Which pod it is, to find those like it.
    env:
    - name: POD_NAME
      valueFrom: {fieldRef: {fieldPath: metadata.name}}
    - name: POD_NAMESPACE
      valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
    {{- end }}
    ports:
    - name: http
      containerPort: 8080
      {{- if eq .Values.kind "DaemonSet" }}
      hostPort: {{ .Values.hostPorts.http }}
      {{- end }}
    - name: https
      containerPort: 8443
      {{- if eq .Values.kind "DaemonSet" }}
      hostPort: {{ .Values.hostPorts.https }}
      {{- end }}
    - name: health
      containerPort: 9902
    livenessProbe:
      httpGet: {path: /livez, port: health}
      periodSeconds: 10
      failureThreshold: 3
    readinessProbe:
      httpGet: {path: /readyz, port: health}
      periodSeconds: 2
      failureThreshold: 1
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
    {{- if .Values.lastGood.enabled }}
    volumeMounts:
    - name: state
      mountPath: /var/lib/sallyport
    {{- if .Values.lastGood.keySecret }}
    - name: last-good-key
      mountPath: /etc/sallyport/last-good
      readOnly: true
    {{- end }}
    {{- end }}
  {{- if .Values.lastGood.enabled }}
  volumes:
  - name: state
    {{- toYaml .Values.lastGood.volume | nindent 4 }}
  {{- with .Values.lastGood.keySecret }}
  - name: last-good-key
    secret:
      secretName: {{ . }}
      items: [{key: key, path: key}]
  {{- end }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- if .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- toYaml .Values.topologySpreadConstraints | nindent 4 }}
  {{- else if eq .Values.kind "Deployment" }}
  topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "sallyport.selector" . | nindent 8 }}
  {{- end }}
{{- end }}

{{- /* All that is read, and what is told back, and no more: docs/kubernetes.md, docs/status.md. */ -}}
{{- define "sallyport.clusterWideRules" -}}
- apiGroups: [networking.k8s.io]
  resources: [ingressclasses]
  verbs: [list, watch]
{{- if .Values.watch.namespaceSelector }}
- apiGroups: [""]
  resources: [namespaces]
  verbs: [list, watch]
{{- end }}
{{- if include "sallyport.publishesNodes" . }}
- apiGroups: [""]
  resources: [nodes]
  verbs: [get]
{{- end }}
{{- end }}
{{- define "sallyport.namespacedRules" -}}
- apiGroups: [""]
  resources: [services]
  verbs: [list, watch]
- apiGroups: [""]
  resources: [configmaps, secrets]
  verbs: [get, list, watch]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list, watch]
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [list, watch]
- apiGroups: [networking.k8s.io]
  resources: [ingresses/status]
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
- apiGroups: [sallyport.dev]
  resources: [gateroutes]
  verbs: [list, watch]
{{- end }}
