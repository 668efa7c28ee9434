import { say } from '../test/cluster/say.ts';
import type { Figure } from './figure.ts';
import type { Context, Measure, Subject, Values } from './measures/measure.ts';
import type { Peer, PeerName } from './peers/peer.ts';

/**
 * Measures each peer once per round, so that what disturbs the machine for a while disturbs all of them, and
 * begins each round with another, so that none always comes first.
 */
export async function runMeasure(
  measure: Measure,
  context: Context,
  peers: readonly Peer[],
  date: string,
): Promise<Figure[]> {
  const taking = peers.filter(({ name }) => measure.peers.includes(name));
  const subjects: { name: PeerName; subject: Subject; rounds: Values[] }[] = [];
  try {
    for (const peer of taking) {
      const subject = await measure.prepare(context, peer);
      subjects.push({ name: peer.name, subject, rounds: [] });
    }
    for (let round = 0; round < context.effort.rounds; round += 1) {
      say(`${measure.name}: round ${round + 1} of ${context.effort.rounds}`);
      const first = round % Math.max(1, subjects.length);
      for (const one of [...subjects.slice(first), ...subjects.slice(0, first)]) {
        one.rounds.push(await one.subject.round());
      }
    }
  } finally {
    for (const { subject } of subjects) await subject.stop();
  }
  return measure.figures.map(({ section: _, ...figure }) => ({
    ...figure,
    date,
    samples: Object.fromEntries(
      subjects.flatMap(({ name, rounds }) => {
        const samples = rounds.flatMap((values) => values[figure.name] ?? []);
        return samples.length === 0 ? [] : [[name, samples]];
      }),
    ),
  }));
}
