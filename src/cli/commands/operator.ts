import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { Command } from 'commander';
import { z } from 'zod';
import { Kube } from '../../kube/client.ts';
import { loadKubeConfig } from '../../kube/config.ts';
import { podHolder } from '../../kube/holder.ts';
import { createLog } from '../../observe/log.ts';
import { version } from '../../observe/version.ts';
import { type OperatorConfig, operatorConfig } from '../../operator/config.ts';
import { MANAGER } from '../../operator/desired/common.ts';
import { OperatorMetrics } from '../../operator/metrics.ts';
import { Operator } from '../../operator/operator.ts';
import { clusterDomainOf } from '../../operator/ownService.ts';
import { parseYaml } from '../../yaml/read.ts';
import { runService } from '../signals.ts';

export const operatorCommand = new Command('operator')
  .description(
    'Run the operator: create a proxy for each TcpGate and keep it up to date with the spec.',
  )
  .requiredOption('--config <file>', 'configuration file (YAML); the chart writes it')
  .action(({ config }: { config: string }, command: Command) => runOperator(config, command));

async function runOperator(path: string, command: Command): Promise<void> {
  const config = await readConfig(path).catch((error: Error) => command.error(error.message));
  const log = createLog(config.log.level, { component: 'operator' });
  // Set by the chart; without them this runs outside of a cluster.
  const { POD_NAME: name = hostname(), POD_UID: uid } = process.env;
  await runService(log, async () => {
    const metrics = new OperatorMetrics();
    const kubeConfig = await loadKubeConfig();
    const operator = new Operator({
      config,
      metrics,
      log,
      kube: new Kube(kubeConfig.config, {
        userAgent: `${MANAGER}/${version}`,
        onRequest: (request) => metrics.requested(request),
      }),
      pod: { name, namespace: process.env.POD_NAMESPACE ?? kubeConfig.namespace },
      identity: uid === undefined ? `${name}_${randomUUID()}` : podHolder({ name, uid }),
      clusterDomain: clusterDomainOf(await readFile('/etc/resolv.conf', 'utf8').catch(() => '')),
      onLost: () => {
        log.fatal('Lost the Lease');
        process.exit(1);
      },
    });
    await operator.start();
    return operator;
  });
}

/** Rejects with a text for people: which file, which field, and what is wrong with it. */
async function readConfig(path: string): Promise<OperatorConfig> {
  const text = await readFile(path, 'utf8');
  const parsed = operatorConfig.safeParse(parseYaml(text).value);
  if (parsed.success) return parsed.data;
  throw new Error(`The configuration in ${path} is invalid:\n${z.prettifyError(parsed.error)}`);
}
