import type { KubeObject } from '../../kube/objects.ts';
import { say, writeData } from '../../observe/say.ts';
import { awaited } from '../gates/condition.ts';
import type { Connection } from '../gates/connect.ts';
import { named } from '../gates/names.ts';
import { type OutputOptions, objectForm, shown } from '../gates/output.ts';
import { run } from '../gates/run.ts';
import { forEachGate, type SelectionOptions, selectionOf } from '../gates/selection.ts';
import { Timeout, until, untilCreated, untilDeleted } from '../gates/until.ts';
import { UsageError } from '../gates/usageError.ts';
import { Watched } from '../gates/watched.ts';
import { durationOption } from '../optionValues.ts';
import { gateCommand, MANAGED, OUTPUT, withChoice, withFiles } from './options.ts';

interface Options extends SelectionOptions, OutputOptions {
  readonly for: string;
  /** Milliseconds; 0 looks once, and less waits for a week. */
  readonly timeout: number;
}

export const waitCommand = withChoice(
  withFiles(
    gateCommand(
      'wait',
      'Waits for what is true of gates, as kubectl does: wait tg/NAME --for=condition=Programmed',
    ),
  ),
)
  .argument('[tg...]', 'tg NAME... or tg/NAME...; tg --all')
  .option('--for <what>', 'condition=NAME[=STATUS], jsonpath={PATH}[=VALUE], create or delete', '')
  .option(
    '--timeout <time>',
    'the longest to wait, such as 90s; 0 looks once, less waits for a week',
    durationOption,
    30_000,
  )
  .option('--all', 'all gates of the namespace')
  .option(...OUTPUT)
  .option(...MANAGED)
  .action((args: string[], options: Options) =>
    run((connection) => waitForGates(connection, args, options)),
  );

/** Waits until each of the gates is as awaited, one after the other. Says which is, and at the end which is not. */
async function waitForGates(
  connection: Connection,
  args: readonly string[],
  options: Options,
): Promise<void> {
  const selection = await selectionOf(connection, args, options, 'lenient');
  const goal = awaited(options.for);
  const form = objectForm(options);
  const met = (gate: KubeObject) => {
    if (form !== undefined) writeData(form(shown(gate, options)));
    else if (options.output === 'name') say(named(gate.metadata.name));
    else say(`${named(gate.metadata.name)} condition met`);
  };
  const timeout = new Timeout(options.timeout);
  if (goal === 'create') await untilCreated(connection, selection, timeout);
  const watched = new Watched(connection);
  let count = 0;
  try {
    await forEachGate(
      connection,
      selection,
      { ignoreNotFound: goal === 'delete' },
      async (gate) => {
        count += 1;
        if (goal === 'delete') await untilDeleted(watched, gate, timeout);
        else if (goal !== 'create') await until(watched, gate.metadata, goal, timeout);
        met(gate);
      },
    );
  } finally {
    await watched.stop();
  }
  if (count === 0 && goal !== 'delete') throw new UsageError('no matching resources found');
}
