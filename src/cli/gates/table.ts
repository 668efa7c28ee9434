import { tcpGateCrd } from '../../api/crd.ts';
import type { TcpGateStatus } from '../../api/status.ts';
import type { JsonObject } from '../../json/json.ts';
import type { KubeObject } from '../../kube/objects.ts';
import { endOf, withLeft } from '../../local/left.ts';
import { printable } from '../../observe/printable.ts';
import { columnsOf } from '../../schema/definition.ts';

export interface TableOptions {
  readonly isWide: boolean;
  /** Gates of several namespaces. */
  readonly hasNamespaces: boolean;
  readonly hasHead: boolean;
}

/** kubectl's: spaces after a cell, and the least that a column takes with them. */
const PADDING = 3;
const MIN_WIDTH = 6;

/** Gates in lines as `kubectl get` prints them, and what is left of faults that end by themselves. Columns do not become narrower from one call to the next. */
export class GateTable {
  readonly #options: TableOptions;
  readonly #columns;
  #widths: number[] = [];
  #needsHead: boolean;

  constructor(options: TableOptions) {
    this.#options = options;
    this.#needsHead = options.hasHead;
    this.#columns = columnsOf(tcpGateCrd()).filter(
      ({ priority }) => options.isWide || priority === 0,
    );
  }

  /** Under a head the first time. @param now milliseconds since the epoch */
  lines(gates: readonly KubeObject[], now: number): string[] {
    const rows = gates.map((gate) => this.#cells(gate, now));
    if (this.#needsHead) {
      const titles = this.#columns.map(({ name }) => name.toUpperCase());
      rows.unshift(this.#options.hasNamespaces ? ['NAMESPACE', ...titles] : titles);
      this.#needsHead = false;
    }
    for (const row of rows) {
      this.#widths = row.map((cell, index) =>
        Math.max(MIN_WIDTH, cell.length + PADDING, this.#widths[index] ?? 0),
      );
    }
    return rows.map((row) => row.map((cell, index) => this.#padded(cell, index)).join(''));
  }

  #cells(gate: KubeObject, now: number): string[] {
    const { status = {} } = gate as { readonly status?: TcpGateStatus };
    const cells = this.#columns.map(({ name, cell }) => {
      const value = cell(gate as unknown as JsonObject, now);
      const text = value === null ? '' : shown(String(value));
      return name === 'Faults' ? withLeft(text, endOf(status), now) : text;
    });
    return this.#options.hasNamespaces ? [gate.metadata.namespace ?? '', ...cells] : cells;
  }

  /** The last cell of a line needs no padding. */
  #padded(cell: string, index: number): string {
    return index === this.#widths.length - 1 ? cell : cell.padEnd(this.#widths[index] ?? 0);
  }
}

/** A cell as kubectl shows it: its first line, and nothing that steers the terminal. */
function shown(text: string): string {
  return printable(text.replace(/[\f\n\r].*$/s, '...').replaceAll('\x1b', '^['));
}
