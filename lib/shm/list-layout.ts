/**
 * Where everything lies in a ShareableList: CPython's layout (Lib/multiprocessing/shared_memory.py), little-endian.
 *
 *     int64            number of items n
 *     int64[n + 1]     where each item's slot begins, from the start of the slots; the last says where they end
 *     slots            8 bytes for all but strings and bytes, which have a multiple of 8
 *     char[8][n]       each item's format, as Python's struct writes it, filled up with NULs
 *     int8[n]          each item's code
 *
 * A slot never changes its place or size; what it holds can.
 */
import { TypeMismatchError } from '../errors.js'

/** What an item's bytes stand for. CPython's "back transforms". */
export const Code = { number: 0, str: 1, bytes: 2, none: 3 } as const

/** A format, as the 8 bytes that it is: one number to store at once, and two halves that are compared faster. */
export interface Format {
  readonly bits: bigint
  readonly low: number
  readonly high: number
}

const scratch = new Uint8Array(8)
const scratchWords = new Uint32Array(scratch.buffer)
const scratchInt = new BigInt64Array(scratch.buffer)

function spell(text: string): void {
  for (let i = 0; i < 8; i++) scratch[i] = i < text.length ? text.charCodeAt(i) : 0
}

/** A format's 8 bytes: the text, filled up with NULs. */
export function formatBits(text: string): bigint {
  spell(text)
  return scratchInt[0] as bigint
}

function format(text: string): Format {
  spell(text)
  return { bits: scratchInt[0] as bigint, low: scratchWords[0] as number, high: scratchWords[1] as number }
}

export const INT = format('q')
export const FLOAT = format('d')
export const BOOL = format('xxxxxxx?')
export const NONE = format('xxxxxx?x')

/** A boolean's 8 bytes. */
export const TRUE = 1n << 56n
export const FALSE = 0n

/** Strings and bytes shorter than 10 million bytes: their slot's size has to be written in 7 digits. */
export const LONGEST = 9_999_991
/** The length of one that ends in NUL stands in its format, with a blank behind: in 6 digits. */
export const LONGEST_EXACT = 999_999

/** What named objects begin with (docs/LAYOUT.md). */
const MAGIC = 'SHCTYPES'

/** All in bytes from the start of the block. */
export interface ListLayout {
  readonly length: number
  readonly slots: number
  readonly formats: number
  readonly codes: number
  readonly end: number
}

export function listLayout(length: number, slotBytes: number): ListLayout {
  const slots = 8 * (length + 2)
  const formats = slots + slotBytes
  const codes = formats + 8 * length
  return { length, slots, formats, codes, end: codes + length }
}

/** The slot that a new string or new bytes get. */
export function slotFor(bytes: number): number {
  return 8 * (Math.floor(bytes / 8) + 1)
}

/**
 * The layout of the list in a block, which may hold anything.
 *
 * @throws ERR_TYPE_MISMATCH
 */
export function readListLayout(buffer: ArrayBuffer, where: string): ListLayout {
  const size = buffer.byteLength
  const fault = (why: string) => new TypeMismatchError(`${where} holds no ShareableList: ${why}`)
  if (Buffer.from(buffer, 0, Math.min(8, size)).toString('latin1') === MAGIC)
    throw fault('it holds a Value, a Lock or the like, with a header')
  if (size < 16) throw fault(`${size} bytes are too few`)
  const words = new BigInt64Array(buffer, 0, Math.floor(size / 8))
  const length = words[0] as bigint
  if (length < 0n || 8n * (length + 2n) > size) throw fault(`a length of ${length} items in ${size} bytes`)
  const slotBytes = words[Number(length) + 1] as bigint
  if (slotBytes < 0n || slotBytes % 8n !== 0n || slotBytes > size) throw fault(`${slotBytes} bytes of items in ${size} bytes`)
  const layout = listLayout(Number(length), Number(slotBytes))
  if (layout.end > size) throw fault(`${length} items that end at byte ${layout.end} of ${size}`)
  return layout
}
