import { reportFiles } from '../bench/report/report.ts';
import { tcpGateCrdYaml } from '../src/api/crd.ts';
import { generateChartDocs } from './chart.ts';
import { faultsPage } from './faultsPage/page.ts';

/** Every generated file by its path in the repository. */
export async function generatedFiles(): Promise<Record<string, string>> {
  const crd = tcpGateCrdYaml();
  return {
    'crds/chaosgate.dev_tcpgates.yaml': `# Generated from src/api by \`npm run generate\`.\n${crd}`,
    'charts/chaosgate/templates/crds.yaml': crdTemplate(crd),
    'docs/faults.md': faultsPage(),
    ...(await generateChartDocs()),
    ...(await reportFiles()),
  };
}

/** The CRD as a chart template: installed with the release, and kept when the release goes. */
function crdTemplate(crd: string): string {
  const literal = crd.replaceAll('{{', "{{ '{{' }}");
  const body = literal.replace(
    /^(metadata:\n {2}name: .*\n)/m,
    `$1  labels:
    {{- include "chaosgate.labels" . | nindent 4 }}
  {{- if .Values.crds.keep }}
  annotations:
    helm.sh/resource-policy: keep
  {{- end }}
`,
  );
  return `{{- /* Generated from src/api by \`npm run generate\`. */ -}}\n{{- if .Values.crds.enabled }}\n${body}{{- end }}\n`;
}
