import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { FileWatcher } from '../../../../src/local/up/fileWatcher.ts';

test('a change whose reader fails is reported, and the next one is read all the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'chaosgate-watcher-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'gate.yaml');
  await writeFile(file, 'bad');
  const seen: unknown[] = [];
  const errors: unknown[] = [];
  const watcher = new FileWatcher([folder], {
    isRecursive: false,
    onTexts: async (texts) => {
      const text = texts.get(file);
      if (text === 'bad') throw new Error('It is bad');
      seen.push(text);
    },
    onError: (error) => errors.push(error),
  });
  await vi.waitFor(() => expect(errors).toContainEqual(new Error('It is bad')), 10_000);
  await writeFile(file, 'good');
  await vi.waitFor(() => expect(seen).toContain('good'), 10_000);
  await watcher.close();
});
