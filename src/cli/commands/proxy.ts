import { Command, Option } from 'commander';
import { openFilesLimit } from '../../limits/openFiles.ts';
import { createLog, LOG_LEVELS, type LogLevel } from '../../observe/log.ts';
import { deniedUpstreams } from '../../proxy/deniedUpstreams.ts';
import { defaultProcessBytes } from '../../proxy/memory.ts';
import { ProxyProcess } from '../../proxy/process.ts';
import { integerOption } from '../optionValues.ts';
import { runService } from '../signals.ts';

const port = integerOption(0, 65_535);
const bytes = integerOption(65_536, 2 ** 40);

interface Options {
  mounted: string;
  state: string;
  gatePort?: number;
  controlPort: number;
  httpPort: number;
  connectionBytes: number;
  processBytes?: number;
  deniedUpstreams: string[];
  logLevel: LogLevel;
}

export const proxyCommand = new Command('proxy')
  .description('Run the proxy of one gate. The operator starts it in a pod for each TcpGate.')
  .requiredOption('--mounted <folder>', "folder with the gate's identity, key and last snapshot")
  .requiredOption('--state <folder>', 'folder that keeps the last applied snapshot across restarts')
  .option(
    '--gate-port <port>',
    'port that clients connect to (default: the ports in the snapshots)',
    port,
  )
  .requiredOption('--control-port <port>', 'port that the operator connects to', port)
  .requiredOption('--http-port <port>', 'port of /healthz, /readyz and /metrics', port)
  .requiredOption('--connection-bytes <bytes>', 'bytes held per direction of a connection', bytes)
  .option(
    '--process-bytes <bytes>',
    'memory of all connections together (default: half of what the memory limit leaves above 96 MiB)',
    bytes,
  )
  .option(
    '--denied-upstreams <ranges>',
    'addresses that the gate must not connect to, in CIDR notation, separated by commas',
    (text) => text.split(','),
    [],
  )
  .addOption(new Option('--log-level <level>').choices(LOG_LEVELS).default('info'))
  .action((options: Options) => {
    const log = createLog(options.logLevel, { component: 'proxy' });
    return runService(log, () =>
      ProxyProcess.start({
        folders: { mounted: options.mounted, state: options.state },
        ports: { gate: options.gatePort, control: options.controlPort, http: options.httpPort },
        buffers: {
          connectionBytes: options.connectionBytes,
          processBytes: options.processBytes ?? defaultProcessBytes(process.constrainedMemory()),
        },
        openFiles: openFilesLimit(),
        isDenied: deniedUpstreams(options.deniedUpstreams, [options.controlPort, options.httpPort]),
        log,
      }),
    );
  });
