import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { answersFile } from './answers.ts';
import type { Answer } from './play.ts';
import type { Story } from './request.ts';

/** What a real API server answered when the answers were written down. */
export function recorded({ name }: Story): Record<string, Answer> {
  return parse(readFileSync(answersFile(name), 'utf8')) as Record<string, Answer>;
}

/** Status code and, of a Status that can be read, the reason: what programs go by. */
export function gist({ code, body }: Answer): { code: number; reason?: unknown } {
  const isStatus = typeof body === 'object' && body !== null && 'reason' in body;
  return isStatus ? { code, reason: body.reason } : { code };
}
