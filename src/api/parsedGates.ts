import type { z } from 'zod';
import { gateMetadata, type TcpGate, tcpGate } from './tcpgate.ts';

/** A TcpGate as the API server has it. */
interface RawGate {
  readonly metadata: { readonly uid?: string; readonly generation?: number };
  readonly spec?: unknown;
}

export type ParsedGate =
  | { readonly success: true; readonly data: TcpGate }
  | { readonly success: false; readonly error: z.ZodError };

interface Known {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly parsed: ParsedGate;
}

/**
 * TcpGates by key, each parsed once per uid and generation: a spec may take 40 milliseconds, and a gate is looked at
 * whenever its status or its counts change. The status is left out.
 */
export class ParsedGates {
  readonly #known = new Map<string, Known>();

  parse(key: string, { metadata, spec }: RawGate): ParsedGate {
    const { uid, generation } = metadata;
    const known = this.#known.get(key);
    if (known === undefined || known.uid !== uid || known.generation !== generation) {
      const parsed = tcpGate.safeParse({ metadata, spec });
      this.#known.set(key, { uid, generation, parsed });
      return parsed;
    }
    if (!known.parsed.success) return known.parsed;
    return {
      success: true,
      data: { ...known.parsed.data, metadata: gateMetadata.parse(metadata) },
    };
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}
