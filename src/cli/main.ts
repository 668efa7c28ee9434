import { programArguments } from './arguments.ts';
import { programFor } from './program.ts';

const args = programArguments(process.argv.slice(2));
await (await programFor(args[0])).parseAsync(args, { from: 'user' });
