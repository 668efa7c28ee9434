import { join } from 'node:path';
import { reportFiles } from '../bench/report/report.ts';
import { definitionHash, tcpGateCrdYaml } from '../src/api/crd.ts';
import { noticeText } from './bundles/notice.ts';
import { publishedPackages } from './bundles/packages.ts';
import { generateChartDocs } from './chart.ts';
import { faultsPage } from './faultsPage/page.ts';

const root = join(import.meta.dirname, '..');

/** Every generated file by its path in the repository. */
export async function generatedFiles(): Promise<Record<string, string>> {
  const crd = tcpGateCrdYaml();
  return {
    'crds/chaosgate.dev_tcpgates.yaml': `# Generated from src/api by \`npm run generate\`.\n${crd}`,
    'charts/chaosgate/templates/crds.yaml': crdTemplate(crd),
    'docs/faults.md': faultsPage(),
    NOTICE: noticeText(await publishedPackages(root)),
    ...(await generateChartDocs()),
    ...(await reportFiles()),
  };
}

/** The CRD as a chart template: installed with the release, and kept when the release goes. */
function crdTemplate(crd: string): string {
  const literal = crd.replaceAll('{{', "{{ '{{' }}");
  const { annotation, hash } = definitionHash();
  const body = literal.replace(
    `  annotations:\n    ${annotation}: ${hash}\n`,
    (annotations) => `  labels:
    {{- include "chaosgate.labels" . | nindent 4 }}
${annotations}    {{- if .Values.crds.keep }}
    helm.sh/resource-policy: keep
    {{- end }}
`,
  );
  return `{{- /* Generated from src/api by \`npm run generate\`. */ -}}
{{- if and .Values.crds.enabled (include "chaosgate.installsCrd" (dict "root" . "hash" "${hash}")) }}
${body}{{- end }}
`;
}
