import { z } from 'zod';
import { how, integer, withRules } from '../schema.ts';
import { defineFault } from './fault.ts';

const DAY = 86_400_000;

/** What the spread of a connection is drawn by: there is one for each. */
const SPREAD_KEY = 0;

const schema = withRules(
  z
    .object({
      milliseconds: integer('Time that the connection has, in milliseconds.', { min: 0, max: DAY }),
      jitterMilliseconds: integer(
        'Spread around that time, in milliseconds: each connection has milliseconds plus or minus up to this much, drawn from the seed.',
        { min: 0, max: DAY },
      ).default(0),
      clock: z
        .enum(['FirstData', 'Connect'])
        .default('FirstData')
        .describe(
          "What starts the time. FirstData: the first byte in this direction after the fault was set; a connection without one stays open. Connect: the opening of the connection, so that one which is older already is closed at once. Starts over when this direction's faults change.",
        ),
      how: how
        .default('Fin')
        .describe('How both ends see the close: Fin (in order) or Reset (an error, RST).'),
    })
    .describe(
      'The connection is closed when its time is up, busy or idle. Bytes that come before pass; those that other faults hold then are discarded.',
    ),
  [
    {
      cel: 'self.jitterMilliseconds <= self.milliseconds',
      holds: ({ milliseconds, jitterMilliseconds }) => jitterMilliseconds <= milliseconds,
      message:
        'jitterMilliseconds must not be larger than milliseconds: lower it, or raise milliseconds',
    },
  ],
);

export const limitTime = defineFault({
  schema,
  describe: ({ milliseconds, jitterMilliseconds, clock, how }) => {
    const spread = jitterMilliseconds === 0 ? '' : `±${jitterMilliseconds}ms`;
    return `limitTime ${milliseconds}ms${spread} from ${clock} ${how}`;
  },
  stage: ({ milliseconds, jitterMilliseconds, clock, how }, context) => {
    const time = milliseconds + jitterMilliseconds * (2 * context.random(SPREAD_KEY) - 1);
    const close = () => context.close(how);

    const start = (from: number): number => {
      const end = from + time;
      context.after(Math.max(0, end - context.monotonic()), close);
      return end;
    };

    let end = clock === 'Connect' ? start(context.openedAt) : undefined;
    return {
      held: 0,
      push(chunk) {
        end ??= start(context.monotonic());
        // The timer may be late, and nothing passes when the time is up.
        if (context.monotonic() >= end) close();
        else context.pass(chunk);
      },
      end: (end) => context.passEnd(end),
      release: () => [],
    };
  },
  docs: {
    cause:
      'The longest life that a proxy, a load balancer or a server gives a connection, or the time limit of a request, whatever goes on in it.',
    sender: 'FIN or ECONNRESET when the time is up, in the middle of a message or while idle.',
    receiver: 'The same at the same time, behind the bytes that had passed by then.',
    pitfalls: [
      'Where in the conversation the time ends depends on how fast both ends are, so a test that expects one certain request to fail will flake. To cut at a certain byte, use `limitBytes`; at a certain moment, patch a `disconnect`.',
      'Users of chaos.py skip its `limit_time` as flaky: there the time is looked at only when data comes, so that an idle connection outlives it and the next request pays; its jitter can not be repeated. Here a timer closes, and the jitter is drawn from the seed. What remains is the point above.',
      'With `FirstData` a connection on which nothing comes in this direction stays open for good; `Connect` closes it too, and at once those that are older already.',
      'Any change of the faults of this direction starts the time of `FirstData` over.',
    ],
    example: { direction: 'toServer', settings: { milliseconds: 350, how: 'Reset' } },
  },
});
