import { PLURAL } from '../../api/names.ts';
import type { Local } from '../start.ts';
import { rowsOf } from './rows.ts';

/** Resolves when every gate is ready. Rejects, saying which is not and why, when that takes longer. */
export function untilReady(local: Local, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const notReady = () => rowsOf(local).filter(({ ready }) => !ready);
    const check = () => {
      if (notReady().length > 0) return;
      end();
      resolve();
    };
    const unsubscribe = local.store.collection(PLURAL).subscribe(check);
    const timer = setTimeout(() => {
      const reasons = notReady().map(({ key, message }) => `${key}: ${message}`);
      end();
      reject(new Error(`Not ready within ${milliseconds / 1_000} s: ${reasons.join('; ')}`));
    }, milliseconds);
    const end = () => {
      unsubscribe();
      clearTimeout(timer);
    };
    check();
  });
}
