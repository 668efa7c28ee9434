/** All warnings of an answer together, and each of them once they are more, in characters (k8s.io/apiserver, warning.go). */
const [MAX_TOTAL, MAX_EACH] = [4_096, 256];

/** Warnings of one answer, each of them once. When they become too many, they are cut short, and later ones left out. */
export class Warnings {
  readonly #texts = new Set<string>();
  #characters = 0;
  #isCut = false;

  add(text: string): void {
    if (text === '' || this.#texts.has(text)) return;
    if (this.#isCut && this.#characters >= MAX_TOTAL) return;
    this.#texts.add(text);
    this.#characters += lengthOf(text, this.#isCut);
    if (this.#isCut || this.#characters <= MAX_TOTAL) return;
    this.#isCut = true;
    this.#characters = [...this.#texts].reduce((sum, each) => sum + lengthOf(each, true), 0);
  }

  list(): readonly string[] {
    return [...this.#texts].map((text) => (this.#isCut ? cut(text) : text));
  }
}

function lengthOf(text: string, isCut: boolean): number {
  return Array.from(isCut ? cut(text) : text).length;
}

function cut(text: string): string {
  // A character has two of JavaScript's at most.
  return Array.from(text.slice(0, 2 * MAX_EACH))
    .slice(0, MAX_EACH)
    .join('');
}
