/** The bytes of a ShareableList while it is made: its block is still all zeros and nobody else's. */
import { BOOL, Code, FLOAT, formatBits, INT, type ListLayout, NONE, slotFor, TRUE } from './list-layout.js'
import { bytesIn, endsInNul, put, type ShareableValue } from './list-values.js'

export class NewList {
  readonly #layout: ListLayout
  readonly #bytes: Buffer<ArrayBuffer>
  readonly #floats: Float64Array
  readonly #ints: BigInt64Array
  /** Of the slot of the next item, from the start of the slots. */
  #offset = 0

  constructor(buffer: ArrayBuffer, layout: ListLayout) {
    const whole = Math.floor(buffer.byteLength / 8)
    this.#layout = layout
    this.#bytes = Buffer.from(buffer)
    this.#floats = new Float64Array(buffer, 0, whole)
    this.#ints = new BigInt64Array(buffer, 0, whole)
    this.#ints[0] = BigInt(layout.length)
  }

  /**
   * Gives item `index` its slot and its first value, which was checked. Items come in their order.
   *
   * @param isFloat - numbers are floats, also those that are integers
   */
  initialise(index: number, value: ShareableValue, isFloat: boolean): void {
    const at = this.#layout.slots + this.#offset
    let size = 8
    if (typeof value === 'number' && (isFloat || !Number.isInteger(value))) {
      this.#setFormat(index, FLOAT.bits)
      this.#floats[at / 8] = value
    } else if (typeof value === 'number' || typeof value === 'bigint') {
      this.#setFormat(index, INT.bits)
      this.#ints[at / 8] = BigInt(value)
    } else if (value === null) {
      this.#setFormat(index, NONE.bits)
      this.#setCode(index, Code.none)
    } else if (typeof value === 'boolean') {
      this.#setFormat(index, BOOL.bits)
      if (value) this.#ints[at / 8] = TRUE
    } else {
      size = this.#initialiseBytes(index, at, value)
    }
    this.#offset += size
    this.#ints[index + 2] = BigInt(this.#offset) // where the next slot begins
  }

  /** Answers the size of its slot. */
  #initialiseBytes(index: number, at: number, value: string | Uint8Array): number {
    const length = typeof value === 'string' ? Buffer.byteLength(value) : bytesIn(value)
    const size = slotFor(length)
    this.#setFormat(index, formatBits(endsInNul(value) ? `${length}s ` : `${size}s`))
    put(this.#bytes, at, value, length)
    this.#setCode(index, typeof value === 'string' ? Code.str : Code.bytes)
    return size
  }

  #setFormat(index: number, bits: bigint): void {
    this.#ints[this.#layout.formats / 8 + index] = bits
  }

  #setCode(index: number, code: number): void {
    this.#bytes[this.#layout.codes + index] = code
  }
}
