/**
 * Draws docs/faults/<name>.svg from real runs on loopback: `npm run pictures`, or `npm run pictures -- NAME...` for
 * some of them. Times differ a little from run to run, so what is drawn is kept until the fault or its example changes.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fault } from '../src/gate/faults/fault.ts';
import { faults } from '../src/gate/faults/registry.ts';
import { draw } from './pictures/draw.ts';
import { record } from './pictures/record.ts';
import { stampOf } from './pictures/stamp.ts';

const folder = join(import.meta.dirname, '../docs/faults');
const wanted = process.argv.slice(2);

for (const [name, fault] of Object.entries(faults as Record<string, Fault>)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { direction, settings } = fault.docs.example;
  const recording = await record(name, fault.docs.example);
  const [sender, receiver] = direction === 'toServer' ? ['client', 'server'] : ['server', 'client'];
  const path = join(folder, `${name}.svg`);
  const text = `${direction} ${fault.describe(fault.schema.parse(settings))}`;
  const title = `What both ends see of ${name}, measured`;
  const stamp = stampOf(fault);
  await writeFile(path, draw(recording, { title, fault: text, sender, receiver, stamp }));
  console.log(`Drew ${path}`);
}
