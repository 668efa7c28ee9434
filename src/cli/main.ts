import { exitWithRest } from './exitWithRest.ts';
import { kubectlArguments } from './kubectlArguments.ts';
import { programFor } from './program.ts';

const args = kubectlArguments(exitWithRest(process.argv.slice(2)));
await (await programFor(args[0])).parseAsync(args, { from: 'user' });
