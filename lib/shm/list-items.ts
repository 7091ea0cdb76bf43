/**
 * The items of a ShareableList, read and written in place. Nothing here is guarded by a lock: who writes what others read holds one.
 *
 * The words of an item, and what a writer leaves that is killed:
 *  - data: an int, a float, a bool are one store of 8 bytes.
 *  - format: one store of 8 bytes, so it is always a whole one.
 *  - code: one byte. A write that changes the format, and one of a string or of bytes, first sets it to None and sets it to what
 *    it becomes when all the rest is there. Killed in between: the item is null, for Python as well.
 * What a reader without a lock sees: of an item whose type stays, an int, a float or a bool is an old or a new one, never a mixture. While
 * a type changes, it sees a change of None or of format and looks again. CPython's layout has no room for a count of changes, so
 * two changes within one look, or a string written within one, can pass unseen, and then what is read is a mixture.
 */
import { inspect, types } from 'node:util'
import { outOfRange, TypeMismatchError } from '../errors.js'
import { BOOL, Code, FALSE, FLOAT, type Format, formatBits, INT, type ListLayout, NONE, TRUE } from './list-layout.js'
import { byteLength, checkInt, endsInNul, put, SHORT, type ShareableItem, type ShareableValue, wrongItem } from './list-values.js'

const HIGH = 2 ** 32
/** How often an item is looked at that others change meanwhile. */
const LOOKS = 8
const NUL = 0
const DIGIT = 0x30
const BLANK = 0x20
const LETTER_S = 0x73

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const units: number[] = []

/** x64 keeps loads in order, and stores; an atomic store is ordered with everything there. */
const STRONG_ORDER = process.arch === 'x64'
const fence = new Int32Array(1)

export class ListItems {
  readonly layout: ListLayout
  readonly #where: string
  readonly #bytes: Buffer<ArrayBuffer>
  readonly #words: Uint32Array
  readonly #floats: Float64Array
  readonly #ints: BigInt64Array
  /** Of the formats, in words; of the codes, in bytes. */
  readonly #formats: number
  readonly #codes: number

  constructor(buffer: ArrayBuffer, layout: ListLayout, where: string) {
    const whole = Math.floor(buffer.byteLength / 8)
    this.layout = layout
    this.#where = where
    this.#bytes = Buffer.from(buffer)
    this.#words = new Uint32Array(buffer, 0, 2 * whole)
    this.#floats = new Float64Array(buffer, 0, whole)
    this.#ints = new BigInt64Array(buffer, 0, whole)
    this.#formats = layout.formats / 4
    this.#codes = layout.codes
  }

  #damaged(index: number, why: string): TypeMismatchError {
    return new TypeMismatchError(`${this.#where}: item ${index} is damaged: ${why}`)
  }

  /** Where the slot begins that `index` tells of; one after the last: where they end. In bytes from the start of the block. */
  #begin(index: number): number {
    const word = 2 * index + 2
    return this.layout.slots + (this.#words[word] as number) + HIGH * (this.#words[word + 1] as number)
  }

  /** The same, checked: 8 bytes there are the item's own. */
  #slot(index: number): number {
    const at = this.#begin(index)
    if (at % 8 === 0 && at + 8 <= this.layout.formats) return at
    throw this.#damaged(index, `its slot is at byte ${at} of ${this.layout.formats}`)
  }

  /** Bytes of the slot. */
  #slotSize(index: number, at: number): number {
    const size = this.#begin(index + 1) - at
    if (size >= 8 && at + size <= this.layout.formats) return size
    throw this.#damaged(index, `its slot has ${size} bytes`)
  }

  /** The count in a format `%ds`, and -1 for other formats. `exact`: only with a blank behind it, which makes it a length. */
  #count(index: number, exact: boolean): number {
    const bytes = this.#bytes
    let at = 4 * (this.#formats + 2 * index)
    const end = at + 8
    let count = 0
    const first = at
    for (; at < end; at++) {
      const digit = (bytes[at] as number) - DIGIT
      if (digit < 0 || digit > 9) break
      count = count * 10 + digit
    }
    if (at === first || at === end || bytes[at] !== LETTER_S) return -1
    at++
    if (exact) return at < end && bytes[at++] === BLANK && this.#isEmpty(at, end) ? count : -1
    return this.#isEmpty(at, end) ? count : -1
  }

  #isEmpty(at: number, end: number): boolean {
    for (; at < end; at++) if (this.#bytes[at] !== NUL) return false
    return true
  }

  /**
   * `index` is that of an item. While another process changes its type, the item is what it was, or null, or what it becomes.
   *
   * @throws ERR_TYPE_MISMATCH if its bytes make no sense
   */
  read(index: number): ShareableItem {
    const word = this.#formats + 2 * index
    for (let look = 0; look < LOOKS; look++) {
      const code = this.#code(index)
      if (code === Code.none) return null
      const low = this.#words[word] as number
      const high = this.#words[word + 1] as number
      const at = this.#slot(index)
      const item = code === Code.number ? this.#readNumber(at, low, high) : undefined
      const found = item ?? this.#readBytes(index, at, code)
      if (this.#codeAgain(index) !== code || this.#words[word] !== low || this.#words[word + 1] !== high) continue
      if (found === undefined)
        throw this.#damaged(index, `format ${inspect(this.#formatText(index))} and code ${code} do not fit its bytes`)
      return found
    }
    return null // in the middle of changes all the time
  }

  /** Ordered before what is read next. */
  #code(index: number): number {
    return Atomics.load(this.#bytes, this.#codes + index)
  }

  /** Ordered after what was read before: on other processors than x64 an atomic load alone is not. */
  #codeAgain(index: number): number {
    if (!STRONG_ORDER) Atomics.store(fence, 0, 0)
    return Atomics.load(this.#bytes, this.#codes + index)
  }

  #readNumber(at: number, low: number, high: number): number | bigint | boolean | undefined {
    if (low === INT.low && high === INT.high) return this.#readInt(at / 8)
    if (low === FLOAT.low && high === FLOAT.high) return this.#floats[at / 8]
    if (low === BOOL.low && high === BOOL.high) return this.#bytes[at + 7] !== 0
    return undefined
  }

  #readInt(at: number): number | bigint {
    const int = this.#ints[at] as bigint // one load: never torn
    const number = Number(int)
    return Number.isSafeInteger(number) ? number : int
  }

  /** undefined if these are none. */
  #readBytes(index: number, at: number, code: number): string | Buffer<ArrayBuffer> | undefined {
    const padded = this.#count(index, false)
    const count = padded >= 0 ? padded : this.#count(index, true)
    let end = at + count
    if (count < 0 || code > Code.bytes || end > this.layout.formats) return undefined
    // What fills a slot up looks like NULs of the value's own.
    if (padded >= 0 && code !== Code.number) while (end > at && this.#bytes[end - 1] === NUL) end--
    return code === Code.str ? this.#readString(at, end) : Buffer.from(this.#bytes.subarray(at, end))
  }

  #readString(at: number, end: number): string | undefined {
    const bytes = this.#bytes
    if (end - at <= SHORT) {
      let i = at
      for (; i < end; i++) {
        const unit = bytes[i] as number
        if (unit >= 0x80) break
        units[i - at] = unit
      }
      if (i === end) {
        units.length = end - at
        return String.fromCharCode.apply(null, units)
      }
    }
    try {
      return decoder.decode(bytes.subarray(at, end))
    } catch {
      return undefined
    }
  }

  #formatText(index: number): string {
    const at = 4 * (this.#formats + 2 * index)
    return this.#bytes.toString('latin1', at, at + 8).replace(/\0+$/, '')
  }

  /** As CPython would write it. */
  format(index: number): string {
    const text = this.#formatText(index)
    return text.endsWith('s ') ? `${this.#slotSize(index, this.#slot(index))}s` : text
  }

  /** Replaces an item. @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; then nothing was changed */
  write(index: number, value: ShareableValue): void {
    const at = this.#slot(index)
    if (typeof value === 'number' && (!Number.isInteger(value) || this.#holdsFloat(index))) this.#writeFloat(index, at, value)
    else if (typeof value === 'number' || typeof value === 'bigint') this.#writeInt(index, at, checkInt(value, 'value'))
    else if (typeof value === 'boolean') this.#writeBool(index, at, value)
    else if (typeof value === 'string') this.#writeBytes(index, at, value, Code.str)
    else if (value === null) this.#writeNone(index, at)
    else if (types.isUint8Array(value)) this.#writeBytes(index, at, value, Code.bytes)
    else throw wrongItem('value', value)
  }

  #has(index: number, { low, high }: Format): boolean {
    const word = this.#formats + 2 * index
    return this.#words[word] === low && this.#words[word + 1] === high
  }

  #holdsFloat(index: number): boolean {
    return this.#has(index, FLOAT) && this.#bytes[this.#codes + index] === Code.number
  }

  /** Makes the item null and gives it a format, unless it has the right one and its code: then nothing, and false. */
  #changeTo(index: number, format: Format, code: number): boolean {
    if (this.#has(index, format) && this.#bytes[this.#codes + index] === code) return false
    this.#beginChange(index)
    this.#ints[this.#formats / 2 + index] = format.bits
    return true
  }

  /** None, ordered before what is written next: on other processors than x64 an atomic store alone is not. */
  #beginChange(index: number): void {
    Atomics.store(this.#bytes, this.#codes + index, Code.none)
    if (!STRONG_ORDER) Atomics.load(this.#bytes, this.#codes + index)
  }

  /** Ordered after what was written before. */
  #endChange(index: number, code: number): void {
    Atomics.store(this.#bytes, this.#codes + index, code)
  }

  #writeInt(index: number, at: number, value: bigint): void {
    const changes = this.#changeTo(index, INT, Code.number)
    this.#ints[at / 8] = value
    if (changes) this.#endChange(index, Code.number)
  }

  #writeFloat(index: number, at: number, value: number): void {
    const changes = this.#changeTo(index, FLOAT, Code.number)
    this.#floats[at / 8] = value
    if (changes) this.#endChange(index, Code.number)
  }

  #writeBool(index: number, at: number, value: boolean): void {
    const changes = this.#changeTo(index, BOOL, Code.number)
    this.#ints[at / 8] = value ? TRUE : FALSE
    if (changes) this.#endChange(index, Code.number)
  }

  #writeNone(index: number, at: number): void {
    this.#changeTo(index, NONE, Code.none)
    this.#ints[at / 8] = 0n
  }

  #writeBytes(index: number, at: number, value: string | Uint8Array, code: number): void {
    const length = byteLength(value, 'value')
    const slot = this.#slotSize(index, at)
    if (length > slot) throw outOfRange(`Expected \`value\` to fit into the ${slot} bytes of item ${index}, got ${length} bytes`)
    const before = this.#count(index, false)
    this.#beginChange(index)
    if (endsInNul(value)) this.#setFormat(index, `${length}s `)
    else if (before < length || before > slot) this.#setFormat(index, `${slot}s`)
    put(this.#bytes, at, value, length)
    this.#bytes.fill(0, at + length, at + slot)
    this.#endChange(index, code)
  }

  #setFormat(index: number, text: string): void {
    this.#ints[this.#formats / 2 + index] = formatBits(text)
  }
}
