import type { KubeObject } from '../../kube/objects.ts';
import { say, sayError, writeData } from '../../observe/say.ts';
import type { Connection } from '../gates/connect.ts';
import { type FollowOptions, follow } from '../gates/follow.ts';
import { named } from '../gates/names.ts';
import { listOf, type OutputOptions, objectForm, shown } from '../gates/output.ts';
import { run } from '../gates/run.ts';
import {
  forEachGate,
  type Selection,
  type SelectionOptions,
  selectionOf,
} from '../gates/selection.ts';
import { GateTable } from '../gates/table.ts';
import { gateCommand, MANAGED, withChoice, withFiles } from './options.ts';

interface Options extends SelectionOptions, OutputOptions, FollowOptions {
  readonly headers: boolean;
  readonly watch?: boolean;
}

export const getCommand = withChoice(
  withFiles(gateCommand('get', 'Shows gates, as kubectl does: get tg [NAME...]')),
)
  .argument('[tg...]', 'tg, tg NAME... or tg/NAME...')
  .option('-o, --output <form>', 'wide, yaml, json, name, jsonpath=TEMPLATE')
  .option('--no-headers', 'print the table without headers')
  .option('--ignore-not-found', 'exit with 0 if a gate does not exist')
  .option('-w, --watch', 'after listing, watch for changes')
  .option('--watch-only', 'watch for changes without listing first')
  .option(...MANAGED)
  .action((args: string[], options: Options) =>
    run((connection) => {
      const meant = args.length === 0 && options.filename === undefined ? ['tg'] : args;
      return getGates(connection, meant, options);
    }),
  );

/** Prints the selected gates, and with `watch` their changes. */
async function getGates(
  connection: Connection,
  args: readonly string[],
  options: Options,
): Promise<void> {
  const printer = printerOf(options);
  const selection = await selectionOf(connection, args, options, 'all');
  if (options.watch || options.watchOnly)
    return follow(connection, selection, options, printer.one);
  const { ignoreNotFound = false } = options;
  const gates: KubeObject[] = [];
  try {
    await forEachGate(connection, selection, { ignoreNotFound }, (gate) => {
      gates.push(gate);
    });
  } catch (error) {
    if (gates.length > 0 || printer.isForObjects) printer.several(gates, selection);
    throw error;
  }
  if (gates.length > 0 || (printer.isForObjects && !ignoreNotFound)) {
    printer.several(gates, selection);
  } else if (!ignoreNotFound && options.output !== 'name') {
    const { allNamespaces, namespace = connection.namespace } = options;
    const where = allNamespaces ? '' : ` in ${namespace} namespace.`;
    sayError(`No resources found${where}`);
  }
}

interface Printer {
  readonly isForObjects: boolean;
  readonly one: (gate: KubeObject) => void;
  readonly several: (gates: readonly KubeObject[], selection: Selection) => void;
}

function printerOf(options: Options): Printer {
  const form = objectForm(options, ['wide']);
  if (form !== undefined) {
    const one = (gate: KubeObject) => writeData(form(shown(gate, options)));
    return {
      isForObjects: true,
      one,
      several: (gates, selection) => {
        const [first] = gates;
        if (isOne(selection) && first !== undefined && gates.length === 1) return one(first);
        if (!isOne(selection) || gates.length > 0) writeData(form(listOf(gates, options)));
      },
    };
  }
  const table = new GateTable({
    isWide: options.output === 'wide',
    hasNamespaces: options.allNamespaces ?? false,
    hasHead: options.headers,
  });
  const several = (gates: readonly KubeObject[]) => {
    if (options.output === 'name') for (const { metadata } of gates) say(named(metadata.name));
    else for (const line of table.lines(gates, Date.now())) say(line);
  };
  return { isForObjects: false, one: (gate) => several([gate]), several };
}

/** Whether one gate is asked for, and not a list that may have one. */
function isOne(selection: Selection): boolean {
  if (selection.by === 'name') return selection.refs.length === 1;
  return selection.by === 'file' && selection.gates.length === 1;
}
