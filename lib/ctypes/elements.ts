/**
 * Sequences of elements that no typed array fits (c_bool, c_char, structs): indexed through a Proxy, so that `a[0] = true` is checked and
 * an index outside is an error.
 */
import { inspect } from 'node:util'
import { wrongRange, wrongType } from '../check.js'
import { invalidType, outOfRange } from '../errors.js'
import type { AnyType } from './ctype.js'
import { indexIn, indexTraps } from './indexing.js'
import type { Memory } from './memory.js'
import { encode, readElement } from './record.js'

const GET: unique symbol = Symbol('get')
const SET: unique symbol = Symbol('set')
const LENGTH: unique symbol = Symbol('length')

interface Indexed {
  [GET](index: number): unknown
  [SET](index: number, value: unknown): void
}

const handler: ProxyHandler<object> = {
  ...indexTraps(
    (object: Indexed, index) => object[GET](index),
    (object, index, value) => object[SET](index, value),
  ),
  has(target, key) {
    const index = indexIn(key)
    if (index === undefined) return Reflect.has(target, key)
    return Number.isInteger(index) && index >= 0 && index < (target as ThroughProxy)[LENGTH]
  },
}

/** Its constructor answers the proxy, so that the private fields of classes below are fields of the proxy. */
class ThroughProxy {
  /** Here, and not private: the `has` trap sees this object and not the proxy. */
  readonly [LENGTH]: number

  constructor(length: number) {
    this[LENGTH] = length
    // biome-ignore lint/correctness/noConstructorReturn: that is what this class is for
    return new Proxy(this, handler) as this
  }
}

export class Elements<R = unknown, W = unknown> extends ThroughProxy implements Iterable<R> {
  readonly #memory: Memory
  readonly #type: AnyType
  readonly #at: number;
  [index: number]: R

  /** @internal `at`: bytes from the start of the memory. */
  constructor(memory: Memory, type: AnyType, at: number, length: number) {
    super(length)
    this.#memory = memory
    this.#type = type
    this.#at = at
  }

  get length(): number {
    return this[LENGTH]
  }

  #place(index: number, what: string): number {
    if (!Number.isInteger(index) || index < 0 || index >= this[LENGTH])
      throw wrongRange(what, `an integer from 0 to ${this[LENGTH] - 1}`, index)
    return this.#at + index * this.#type.size
  }

  [GET](index: number): R {
    return readElement(this.#memory, this.#type, this.#place(index, 'index')) as R
  }

  [SET](index: number, value: unknown): void {
    const at = this.#place(index, 'index')
    encode(this.#type, value, `[${index}]`)(this.#memory.dataView(), at)
  }

  /** The element at `index`, counted from the end if negative; undefined outside, as in JavaScript's arrays. */
  at(index: number): R | undefined {
    const from = Math.trunc(Number(index)) || 0
    const place = from < 0 ? from + this[LENGTH] : from
    this.#memory.dataView()
    return place < 0 || place >= this[LENGTH] ? undefined : this[GET](place)
  }

  /** Writes `value` to every element from `start` up to `end`, both counted from the end if negative. */
  fill(value: W, start = 0, end = this[LENGTH]): this {
    const write = encode(this.#type, value, 'value')
    const view = this.#memory.dataView()
    const bound = (n: number) => (n < 0 ? Math.max(n + this[LENGTH], 0) : Math.min(n, this[LENGTH]))
    const whole = (n: number) => bound(Math.trunc(n) || 0)
    for (let i = whole(start); i < whole(end); i++) write(view, this.#at + i * this.#type.size)
    return this
  }

  /** Copies `source` to the elements from `offset` on. All are checked before the first is written. */
  set(source: Iterable<W>, offset = 0): void {
    if (typeof source !== 'object' && typeof source !== 'string') throw wrongType('source', 'an iterable', source)
    if (source === null || !(Symbol.iterator in Object(source))) throw wrongType('source', 'an iterable', source)
    const writes = [...source].map((value, i) => encode(this.#type, value, `source[${i}]`))
    if (!Number.isInteger(offset) || offset < 0) throw wrongRange('offset', 'an integer >= 0', offset)
    if (offset + writes.length > this[LENGTH])
      throw outOfRange(`Expected at most ${Math.max(this[LENGTH] - offset, 0)} elements from offset ${offset} on, got ${writes.length}`)
    const view = this.#memory.dataView()
    for (const [i, write] of writes.entries()) write(view, this.#at + (offset + i) * this.#type.size)
  }

  *[Symbol.iterator](): IterableIterator<R> {
    for (let i = 0; i < this[LENGTH]; i++) yield this[GET](i)
  }

  *keys(): IterableIterator<number> {
    for (let i = 0; i < this[LENGTH]; i++) yield i
  }

  values(): IterableIterator<R> {
    return this[Symbol.iterator]()
  }

  *entries(): IterableIterator<[number, R]> {
    for (let i = 0; i < this[LENGTH]; i++) yield [i, this[GET](i)]
  }

  [inspect.custom](_depth: number, options: object): string {
    return inspect([...this], options)
  }
}

/** Elements of type c_char: strings of one byte each; `value` and `raw` show all of them at once, as in Python. */
export class CharElements extends Elements<string, string> {
  readonly #bytes: () => Buffer<ArrayBuffer>

  /** @internal */
  constructor(memory: Memory, type: AnyType, at: number, length: number) {
    super(memory, type, at, length)
    this.#bytes = () => {
      const { buffer, byteOffset } = memory.dataView()
      return Buffer.from(buffer, byteOffset + at, length)
    }
  }

  /** All bytes, live. */
  get raw(): Buffer<ArrayBuffer> {
    return this.#bytes()
  }

  /** The text up to the first NUL, as UTF-8. Written: UTF-8 and, where there is room, a NUL behind it; too long: RangeError, nothing changed. */
  get value(): string {
    const bytes = this.#bytes()
    const end = bytes.indexOf(0)
    return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
  }

  set value(text: string) {
    encodeText(text, this.length, 'value')(this.#bytes())
  }
}

/** Checks a text for a c_char array of `length` bytes and answers how to write it. */
export function encodeText(text: unknown, length: number, what: string): (bytes: Uint8Array) => void {
  if (typeof text !== 'string') throw wrongType(what, 'a string', text)
  const encoded = Buffer.from(text)
  if (encoded.length > length) throw outOfRange(`Expected \`${what}\` to have at most ${length} bytes of UTF-8, got ${encoded.length}`)
  return (bytes) => {
    bytes.set(encoded)
    if (encoded.length < length) bytes[encoded.length] = 0
  }
}

/** What may initialise or overwrite a sequence: an iterable of exactly `length` elements. */
export function checkSequence(value: unknown, length: number, what: string): unknown[] {
  if (typeof value !== 'object' || value === null || !(Symbol.iterator in value))
    throw wrongType(what, `an iterable of ${length} elements`, value)
  const list = [...(value as Iterable<unknown>)]
  if (list.length !== length) throw invalidType(`Expected \`${what}\` to have ${length} elements, got ${list.length}`)
  return list
}
