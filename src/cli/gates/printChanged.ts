import type { KubeObject } from '../../kube/objects.ts';
import { say, writeData } from '../../observe/say.ts';
import { named } from './names.ts';
import { type OutputOptions, objectForm, shown } from './output.ts';

/** Prints a gate that a command has changed: as `-o` asks for, or with what was done. Throws a `UsageError`. */
export function printChanged(options: OutputOptions): (gate: KubeObject, done: string) => void {
  const form = objectForm(options);
  return (gate, done) => {
    const name = named(gate.metadata.name);
    if (form !== undefined) writeData(form(shown(gate, options)));
    else say(options.output === 'name' ? name : `${name} ${done}`);
  };
}
