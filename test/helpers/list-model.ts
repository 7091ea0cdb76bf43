/** A ShareableList as its rules say it should be: items, slots, and every byte of its file. */
import { type Item, isText, strippedOf, textOf } from './items.js'

type Side = 'us' | 'python'

interface Slot {
  readonly size: number
  readonly bytes: Buffer
  item: Item
  format: string
}

const CODES: { readonly [K in Item['kind']]: number } = { int: 0, float: 0, bool: 0, str: 1, bytes: 2, none: 3 }
const FORMATS = { int: 'q', float: 'd', bool: 'xxxxxxx?', none: 'xxxxxx?x' } as const
const MAX = 2n ** 63n

const slotSize = (length: number) => 8 * (Math.floor(length / 8) + 1)

/** How many bytes an item's slot has. Python counts a str's code points, we its bytes of UTF-8. */
function sizeFor(item: Item, side: Side): number {
  if (item.kind === 'str' && side === 'python') return slotSize([...item.value].length)
  return isText(item) ? slotSize(textOf(item).length) : 8
}

/** Whether CPython makes room for all of it: it counts a str's characters as bytes. */
export const fitsPython = (item: Item): boolean => !isText(item) || textOf(item).length <= sizeFor(item, 'python')

/** Whether CPython would write the very same bytes. */
export function sameInPython(item: Item): boolean {
  if (!isText(item)) return true
  return textOf(item).at(-1) !== 0 && sizeFor(item, 'us') === sizeFor(item, 'python')
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(value))
  return bytes
}

/** No lone surrogates: those have no UTF-8. */
export const isWellFormed = (text: string): boolean => Buffer.from(text).toString() === text

/** What a JavaScript value becomes in a slot that holds `before`; undefined if it must be refused. */
export function itemOf(value: unknown, before: Item | undefined): Item | undefined {
  if (value === null) return { kind: 'none' }
  if (typeof value === 'boolean') return { kind: 'bool', value }
  if (typeof value === 'string') return isWellFormed(value) ? { kind: 'str', value } : undefined
  if (value instanceof Uint8Array) return { kind: 'bytes', value: Buffer.from(value) }
  if (typeof value === 'number' && (before?.kind === 'float' || !Number.isInteger(value))) return { kind: 'float', value }
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined
  const int = BigInt(value)
  return int >= -MAX && int < MAX ? { kind: 'int', value: int } : undefined
}

export class ListModel {
  readonly #slots: Slot[]

  constructor(items: readonly Item[], side: Side) {
    this.#slots = items.map((item) => {
      const size = sizeFor(item, side)
      const slot: Slot = { size, bytes: Buffer.alloc(size), item, format: '' }
      write(slot, item, side)
      return slot
    })
  }

  get length(): number {
    return this.#slots.length
  }

  /** What we read. */
  get items(): Item[] {
    return this.#slots.map(({ item }) => item)
  }

  /** The `struct` format of all items, as it is written there. */
  get format(): string {
    return this.#slots.map(({ format }) => format).join('')
  }

  /** The same as Python would have written it: of an exact length we do not speak. */
  get plainFormat(): string {
    return this.#slots.map(({ format, size }) => (format.endsWith(' ') ? `${size}s` : format)).join('')
  }

  at(index: number): Item {
    return this.#slot(index).item
  }

  /** How many bytes the slot has. */
  room(index: number): number {
    return this.#slot(index).size
  }

  /** Whether it fits; if not, nothing changes. */
  set(index: number, item: Item, side: Side): boolean {
    const slot = this.#slot(index)
    if (textOf(item).length > slot.size) return false
    write(slot, item, side)
    return true
  }

  #slot(index: number): Slot {
    const slot = this.#slots.at(index)
    if (slot === undefined) throw new RangeError(`no item ${index}`)
    return slot
  }

  /** Every byte. */
  file(): Buffer {
    const offsets = [0]
    for (const { size } of this.#slots) offsets.push((offsets.at(-1) ?? 0) + size)
    const formats = this.#slots.map(({ format }) => Buffer.from(format.padEnd(8, '\0')))
    return Buffer.concat([
      u64(this.length),
      ...offsets.map(u64),
      ...this.#slots.map(({ bytes }) => bytes),
      ...formats,
      Buffer.from(this.#slots.map(({ item }) => CODES[item.kind])),
    ])
  }
}

/** A text fills its whole slot with NULs; anything else touches the first 8 bytes and leaves the rest as it was. */
function write(slot: Slot, item: Item, side: Side): void {
  const { bytes } = slot
  slot.item = side === 'us' ? item : strippedOf(item) // what ended in NUL nobody can tell any more
  bytes.fill(0, 0, isText(item) ? undefined : 8)
  if (item.kind === 'int') bytes.writeBigInt64LE(item.value)
  if (item.kind === 'float') bytes.writeDoubleLE(item.value)
  if (item.kind === 'bool' && item.value) bytes[7] = 1
  if (!isText(item)) {
    slot.format = FORMATS[item.kind]
    return
  }
  const text = textOf(item)
  text.copy(bytes)
  // A space, which Python's struct ignores: the length is exact, and NULs at the end are the item's own.
  slot.format = side === 'us' && text.at(-1) === 0 ? `${text.length}s ` : `${slot.size}s`
}
