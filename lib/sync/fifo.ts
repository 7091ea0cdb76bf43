/** A line that anybody in it may leave. Not a Set: V8 leaves a hole where an entry was, and every look at the first one walks over them. */

/** Below this many holes it is not worth the trouble. */
const FEW = 64

export class Fifo<T> {
  /** undefined: has left. */
  #items: (T | undefined)[] = []
  /** Nobody is before this index. */
  #head = 0
  /** Where each one is: its index, counted from the first that ever was in the line. */
  readonly #places = new Map<T, number>()
  #dropped = 0

  get size(): number {
    return this.#places.size
  }

  get first(): T | undefined {
    while (this.#head < this.#items.length && this.#items[this.#head] === undefined) this.#head++
    return this.#items[this.#head]
  }

  add(item: T): void {
    this.#places.set(item, this.#dropped + this.#items.length)
    this.#items.push(item)
  }

  /** False: it was not in the line. */
  delete(item: T): boolean {
    const place = this.#places.get(item)
    if (place === undefined) return false
    this.#places.delete(item)
    this.#items[place - this.#dropped] = undefined
    if (this.size === 0) this.#drop(this.#items.length)
    else if (this.first !== undefined && this.#head > FEW && this.#head > this.#items.length / 2) this.#drop(this.#head)
    return true
  }

  #drop(count: number): void {
    this.#items = this.#items.slice(count)
    this.#dropped += count
    this.#head = 0
  }

  /** All of them, in order. */
  toArray(): T[] {
    return this.#items.filter((item) => item !== undefined)
  }
}
