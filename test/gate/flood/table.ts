/**
 * 2,000 connections under each fault, in 512 and in 256 MiB, as rows of a table in Markdown:
 * `node test/gate/flood/table.ts [LIMIT...]`, as root; about a minute for each row.
 */
import { launch, obstacle } from './launch.ts';
import { scenarios } from './scenarios.ts';

const SECONDS = 5;

if (obstacle !== undefined) throw new Error(`No flood can be made here: ${obstacle}`);
const limits = process.argv.slice(2).map(Number);
console.log(
  '| 2,000 connections, each as fast as it can | limit | process | sockets | both at once | received | least to mean share | lost |',
);
console.log('|---|---|---|---|---|---|---|---|');
for (const scenario of scenarios(limits.length === 0 ? [512, 256] : limits, SECONDS)) {
  const { killed, peak, bytesPerSecond, shares, wrong } = await launch(scenario);
  const [least = 0, , mean = 0] = shares;
  const lost = wrong.length === 0 ? 'nothing' : `${wrong.length} connections: ${wrong[0]}`;
  const cells = [
    scenario.name,
    `${scenario.limit} MiB`,
    `${peak.process} MiB`,
    `${peak.tcp} MiB`,
    `${peak.sum} MiB`,
    `${(bytesPerSecond / 1e6).toFixed(1)} MB/s`,
    mean === 0 ? '' : (least / mean).toFixed(2),
    killed === undefined ? lost : `KILLED ${killed.slice(0, 40)}`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
