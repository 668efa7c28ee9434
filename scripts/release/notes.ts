/** `node scripts/release/notes.ts 1.2.3`: prints what CHANGELOG.md says of that version, for the page of its release. */
import { readVersioned } from './files.ts';
import { notesOf } from './versions.ts';

const [version = ''] = process.argv.slice(2);
const { 'CHANGELOG.md': changelog } = await readVersioned();
const notes = notesOf(changelog, version);
if (notes === undefined) throw new RangeError(`CHANGELOG.md has no section "## ${version} - DATE"`);
process.stdout.write(`${notes}\n`);
