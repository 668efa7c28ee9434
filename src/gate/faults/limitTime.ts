import { z } from 'zod';
import { how, integer, withRules } from '../schema.ts';
import { defineFault } from './fault.ts';

const DAY = 86_400_000;

/** Key of the random draw: one per connection. */
const SPREAD_KEY = 0;

const schema = withRules(
  z
    .object({
      milliseconds: integer('Lifetime of the connection, in milliseconds.', { min: 0, max: DAY }),
      jitterMilliseconds: integer(
        'Variation of the lifetime, in milliseconds. Each connection gets milliseconds plus or minus up to this value, drawn from the seed.',
        { min: 0, max: DAY },
      ).default(0),
      clock: z
        .enum(['FirstData', 'Connect'])
        .default('FirstData')
        .describe(
          "What starts the clock. FirstData: the first byte in this direction after the fault was set; without one, the connection stays open. Connect: the opening of the connection, so connections that are already older are closed immediately. FirstData starts over when this direction's faults change.",
        ),
      how: how
        .default('Fin')
        .describe('How both ends see the close: Fin (orderly) or Reset (an error, RST).'),
    })
    .describe(
      'Closes the connection when its time is up, whether busy or idle. Bytes that arrive earlier pass; bytes that other faults still hold are discarded.',
    ),
  [
    {
      cel: 'self.jitterMilliseconds <= self.milliseconds',
      holds: ({ milliseconds, jitterMilliseconds }) => jitterMilliseconds <= milliseconds,
      message:
        'jitterMilliseconds must not be greater than milliseconds: lower it, or raise milliseconds',
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
        // The timer may fire late, but nothing may pass once the time is up.
        if (context.monotonic() >= end) close();
        else context.pass(chunk);
      },
      end: (end) => context.passEnd(end),
      release: () => [],
    };
  },
  docs: {
    cause:
      'The maximum connection lifetime of a proxy, load balancer or server, or a request timeout that applies whatever the connection is doing.',
    sender: 'FIN or ECONNRESET when the time is up, whether in the middle of a message or idle.',
    receiver: 'The same at the same time, after the bytes that had passed by then.',
    pitfalls: [
      'Where in the conversation the time ends depends on the speed of both ends, so a test that expects one particular request to fail is flaky. To cut at a particular byte, use `limitBytes`; to cut at a particular moment, patch a `disconnect`.',
      'Users of chaos.py skip its `limit_time` as flaky. It checks the time only when data arrives, so an idle connection outlives the limit and the next request fails instead, and its jitter cannot be reproduced. Here a timer closes the connection, and the jitter is drawn from the seed. Only the point above remains.',
      'With `FirstData`, a connection without data in this direction stays open forever. `Connect` closes it too, and immediately closes connections that are already older.',
      "Any change of this direction's faults restarts the time of `FirstData`.",
    ],
    example: { direction: 'toServer', settings: { milliseconds: 350, how: 'Reset' } },
  },
});
