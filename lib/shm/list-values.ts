/** What a ShareableList can hold: the checks of a value before anything is changed. */
import { types } from 'node:util'
import { wrongRange, wrongType } from '../check.js'
import { outOfRange } from '../errors.js'
import { LONE_SURROGATE } from '../memory/naming.js'
import { LONGEST, LONGEST_EXACT } from './list-layout.js'

const { isUint8Array } = types

/** What a ShareableList takes. TypeScript knows one type for both sides of `list[i]`: give `set` a Uint8Array that is no Buffer. */
export type ShareableValue = number | bigint | boolean | string | Uint8Array | null
/** What it gives: bytes as a Buffer of their own. */
export type ShareableItem = number | bigint | boolean | string | Buffer | null

/** Strings up to this many bytes are handled faster unit by unit than by a call. */
export const SHORT = 24

const LEAST_INT = -(2n ** 63n)
const MOST_INT = 2n ** 63n - 1n
const TOO_LARGE = 2 ** 63

export function wrongItem(what: string, value: unknown): TypeError {
  return wrongType(what, 'null, a boolean, number, bigint, string or Uint8Array', value)
}

/** @throws ERR_OUT_OF_RANGE if it has more than 64 bits */
export function checkInt(value: number | bigint, what: string): bigint {
  const fits = typeof value === 'bigint' ? value >= LEAST_INT && value <= MOST_INT : value >= -TOO_LARGE && value < TOO_LARGE
  if (fits) return BigInt(value)
  throw wrongRange(
    what,
    'an int of 64 bits (of larger numbers a Float64Array makes floats, and a slot that holds a float takes them)',
    value,
  )
}

function isAscii(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) >= 0x80) return false
  return true
}

/** Bytes of a string in UTF-8. @throws ERR_OUT_OF_RANGE for what UTF-8 can't express */
function utf8Length(value: string, what: string): number {
  if (value.length <= SHORT && isAscii(value)) return value.length
  const bytes = Buffer.byteLength(value)
  if (bytes !== value.length && LONE_SURROGATE.test(value)) throw wrongRange(what, 'a string without lone surrogates', value)
  return bytes
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object
const trueLength = Object.getOwnPropertyDescriptor(typedArray, 'length')?.get as (this: Uint8Array) => number

/** As they are copied, whatever a subclass says of them. */
export function bytesIn(value: Uint8Array): number {
  return trueLength.call(value)
}

/** @throws ERR_INVALID_ARG_TYPE for a view of a closed object, or of a buffer that was transferred: they look empty */
function checkAttached(value: Uint8Array, what: string): void {
  try {
    new Uint8Array(value.buffer)
  } catch {
    throw wrongType(what, 'bytes that are there', 'a Uint8Array whose buffer is detached')
  }
}

/** Bytes of a string or of bytes. @throws ERR_OUT_OF_RANGE if they are too many for any slot */
export function byteLength(value: string | Uint8Array, what: string): number {
  const bytes = typeof value === 'string' ? utf8Length(value, what) : bytesIn(value)
  if (bytes === 0 && typeof value !== 'string') checkAttached(value, what)
  if (bytes > LONGEST) throw outOfRange(`Expected \`${what}\` to have at most ${LONGEST} bytes, got ${bytes}`)
  if (bytes > LONGEST_EXACT && endsInNul(value)) {
    throw outOfRange(
      `Expected \`${what}\`, which ends in NUL, to have at most ${LONGEST_EXACT} bytes, got ${bytes}: append another byte to it`,
    )
  }
  return bytes
}

/** Writes a string or bytes of this length, which was checked. */
export function put(bytes: Buffer, at: number, value: string | Uint8Array, length: number): void {
  if (typeof value !== 'string') bytes.set(value, at)
  else if (length > SHORT || length !== value.length) bytes.write(value, at, length)
  else for (let i = 0; i < length; i++) bytes[at + i] = value.charCodeAt(i)
}

export function endsInNul(value: string | Uint8Array): boolean {
  if (typeof value === 'string') return value.charCodeAt(value.length - 1) === 0
  const length = bytesIn(value)
  return length > 0 && value[length - 1] === 0
}

/** Whether an item is what is looked for: numbers and bigints by value, bytes by content. */
export function sameItem(item: ShareableItem, wanted: unknown): boolean {
  if (item === wanted) return true
  // biome-ignore lint/suspicious/noDoubleEquals: 1 and 1n are the same int
  if (typeof item === 'number' ? typeof wanted === 'bigint' : typeof item === 'bigint' && typeof wanted === 'number') return item == wanted
  return item instanceof Uint8Array && isUint8Array(wanted) && item.equals(wanted)
}
