import { Conversation } from '../conversation.ts';
import { bundleProgram } from '../gates/gateProcess.ts';
import type { CountsAnswer, CountsRequest } from '../gates/protocol.ts';
import { imageProcess } from '../image.ts';
import { ratios } from '../statistics.ts';
import type { Goal } from './goal.ts';
import type { Measure, ReportedFigure, Section } from './measure.ts';

const SECTION: Section = {
  name: 'count-change',
  title: "Processor time of the operator per change of a gate's count",
  kind: 'bars',
  note: 'Counts change more often than all else, so they go to the status alone. Beside that, the same changes through a whole reconcile, as a change of the spec needs it: the plan, and a look at all that the gate owns. Both in one process, without an API server and without the message that brings the count.',
};

/** Of one sample: seconds of processor time, through whole reconciles. */
const CHANGES = 10_000;

function time(way: CountsRequest['way'], title: string): ReportedFigure {
  return { name: `count-change-${way}`, title, unit: 's', better: 'lower', section: SECTION };
}

const FIFTH: Goal = {
  name: 'count-change',
  title: "Processor time per change of a gate's count, to a whole reconcile",
  sense: 'atMost',
  goal: 0.2,
  unit: 'ratio',
  values: ({ of }) => ratios(of('count-change-status'), of('count-change-whole')),
};

export const countChange: Measure = {
  name: 'count-change',
  figures: [
    time('status', 'Processor time per change, by the status alone'),
    time('whole', 'Processor time per change, by a whole reconcile'),
  ],
  goals: [FIFTH],
  peers: ['chaosgate'],
  async prepare() {
    const { file, remove } = await bundleProgram('counts.ts');
    const { command, env } = await imageProcess(file);
    const program = await Conversation.start(command, env);
    const measure = async (way: CountsRequest['way']) => {
      const answer = (await program.ask({ way, changes: CHANGES })) as CountsAnswer;
      return answer.seconds / CHANGES;
    };
    return {
      async round() {
        return {
          'count-change-status': await measure('status'),
          'count-change-whole': await measure('whole'),
        };
      },
      async stop() {
        await program.stop();
        await remove();
      },
    };
  },
};
