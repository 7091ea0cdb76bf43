/**
 * A ShareableList as bytes, in CPython's layout (multiprocessing/shared_memory.py): int64 length n, n + 1 int64 offsets from the start of the
 * data, the data, n formats of 8 bytes, n codes of 1 byte. A file holds one if all of it fits together and nothing is left over.
 */
import type { ReadFile } from './file.js'

/** Items are looked at by so many at a time. */
const STEP = 65536
/** Bytes that are read of an item at most. */
const LONGEST = 65536
const FORMAT = /^(?:q|d|x{7}\?|x{6}\?x|(\d+)s( ?))$/

interface Shape {
  readonly length: number
  readonly data: number
  readonly formats: number
  readonly codes: number
}

function int64(bytes: Buffer, at: number): number {
  return Number(bytes.readBigInt64LE(at))
}

function shapeOf(file: ReadFile): Shape | undefined {
  const head = file.read(0, 8)
  if (head.length < 8) return undefined
  const length = int64(head, 0)
  if (length < 0 || 16 + 17 * length > file.size) return undefined
  const last = file.read(8 + 8 * length, 8)
  if (last.length < 8) return undefined
  const data = 8 * (length + 2)
  const formats = data + int64(last, 0)
  const codes = formats + 8 * length
  return formats >= data && codes + length === file.size ? { length, data, formats, codes } : undefined
}

interface Slot {
  readonly at: number
  readonly bytes: number
  readonly format: string
  readonly code: number
}

/** The slots from `from` up to `to`; undefined if one of them can't be. */
function slotsOf(file: ReadFile, shape: Shape, from: number, to: number): Slot[] | undefined {
  const count = to - from
  const offsets = file.read(8 + 8 * from, 8 * (count + 1))
  const formats = file.read(shape.formats + 8 * from, 8 * count)
  const codes = file.read(shape.codes + from, count)
  if (offsets.length + formats.length + codes.length < 17 * count + 8) return undefined
  if (from === 0 && int64(offsets, 0) !== 0) return undefined
  const slots: Slot[] = []
  for (let i = 0; i < count; i++) {
    const start = int64(offsets, 8 * i)
    const bytes = int64(offsets, 8 * (i + 1)) - start
    const format = formats.toString('latin1', 8 * i, 8 * (i + 1)).replace(/\0+$/, '')
    const code = codes[i] as number
    const matched = FORMAT.exec(format)
    if (bytes < 8 || bytes % 8 !== 0 || code > 3 || matched === null || Number(matched[1] ?? 0) > bytes) return undefined
    slots.push({ at: shape.data + start, bytes, format, code })
  }
  return slots
}

/** How many items the list in this file has; undefined if there is none. */
export function listLength(file: ReadFile): number | undefined {
  const shape = shapeOf(file)
  if (shape === undefined) return undefined
  if (shape.length === 0 && shape.formats !== shape.data) return undefined
  for (let from = 0; from < shape.length; from += STEP) {
    if (slotsOf(file, shape, from, Math.min(shape.length, from + STEP)) === undefined) return undefined
  }
  return shape.length
}

/** As the list itself gives it: a number where one can hold it. */
function intIn(bytes: Buffer): number | bigint {
  const int = bytes.readBigInt64LE(0)
  return Number.isSafeInteger(Number(int)) ? Number(int) : int
}

function itemIn(file: ReadFile, { at, format, code }: Slot): unknown {
  const [, digits, exact] = FORMAT.exec(format) ?? []
  const bytes = file.read(at, Math.min(LONGEST, digits === undefined ? 8 : Number(digits)))
  if (code === 3 || (digits === undefined && bytes.length < 8)) return null
  if (format === 'q') return intIn(bytes)
  if (format === 'd') return bytes.readDoubleLE(0)
  if (digits === undefined) return bytes[format.indexOf('?')] !== 0
  // Python fills up with NULs and takes them off; a space after the format says that the length is exact.
  let end = bytes.length
  while (exact === '' && end > 0 && bytes[end - 1] === 0) end--
  return code === 1 ? bytes.toString('utf8', 0, end) : bytes.subarray(0, end)
}

/** The first items: null, booleans, numbers, bigints, strings and Buffers. */
export function listItems(file: ReadFile, most: number): unknown[] | undefined {
  const shape = shapeOf(file)
  return shape && slotsOf(file, shape, 0, Math.min(most, shape.length))?.map((slot) => itemIn(file, slot))
}
