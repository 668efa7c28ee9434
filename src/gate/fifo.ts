/** A queue whose `shift` takes constant time: that of an array is linear, and a delay holds thousands of chunks. */
export class Fifo<T> {
  #items: T[] = [];
  #first = 0;

  get head(): T | undefined {
    return this.#items[this.#first];
  }

  get isEmpty(): boolean {
    return this.#first === this.#items.length;
  }

  get length(): number {
    return this.#items.length - this.#first;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#first];
    if (item === undefined) return undefined;
    this.#first += 1;
    if (this.#first * 2 >= this.#items.length) this.#compact();
    return item;
  }

  /** All items, oldest first; the queue is empty afterwards. */
  drain(): T[] {
    this.#compact();
    const items = this.#items;
    this.#items = [];
    return items;
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#first);
    this.#first = 0;
  }
}
