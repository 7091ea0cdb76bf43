/** A ShareableList seen in a file: bytes without a header are one if all of them fit together, and nothing is left over. */

import { ListItems } from '../shm/list-items.js'
import { type ListLayout, listLayout } from '../shm/list-layout.js'
import type { ReadFile } from './file.js'

/** Items are looked at by so many at a time. */
const STEP = 65536
/** Bytes of slots that are read at most, to show items. */
const MOST_BYTES = 1 << 24
const FORMAT = /^(?:q|d|x{7}\?|x{6}\?x|(\d+)s ?)$/

const int64 = (bytes: Buffer, at: number): number => Number(bytes.readBigInt64LE(at))

function layoutIn(file: ReadFile): ListLayout | undefined {
  const first = file.read(0, 8)
  const length = first.length < 8 ? -1 : int64(first, 0)
  if (length < 0 || listLayout(length, 0).end > file.size) return undefined
  const last = file.read(8 + 8 * length, 8)
  const slotBytes = last.length < 8 ? -1 : int64(last, 0)
  // No list fills less than 8 bytes a slot.
  if (slotBytes < 8 * length || slotBytes % 8 !== 0 || (length === 0 && slotBytes !== 0)) return undefined
  const layout = listLayout(length, slotBytes)
  return layout.end === file.size ? layout : undefined
}

/** Offsets, formats and codes of the items from `from` up to `to`. */
interface Part {
  readonly offsets: Buffer
  readonly formats: Buffer
  readonly codes: Buffer
}

/** undefined if the file has been cut short. */
function readPart(file: ReadFile, layout: ListLayout, from: number, to: number): Part | undefined {
  const count = to - from
  const offsets = file.read(8 + 8 * from, 8 * (count + 1))
  const formats = file.read(layout.formats + 8 * from, 8 * count)
  const codes = file.read(layout.codes + from, count)
  return offsets.length + formats.length + codes.length === 17 * count + 8 ? { offsets, formats, codes } : undefined
}

/** Whether these can be a list's, as CPython or this library would have made it. */
function isSound({ offsets, formats, codes }: Part): boolean {
  return codes.every((code, i) => {
    const bytes = int64(offsets, 8 * (i + 1)) - int64(offsets, 8 * i)
    const format = formats.toString('latin1', 8 * i, 8 * (i + 1)).replace(/\0+$/, '')
    const [found, digits = 0] = FORMAT.exec(format) ?? []
    return bytes >= 8 && bytes % 8 === 0 && code <= 3 && found !== undefined && Number(digits) <= bytes
  })
}

/** How many items the list in this file has; undefined if it holds none. */
export function listLength(file: ReadFile): number | undefined {
  const layout = layoutIn(file)
  if (layout === undefined) return undefined
  for (let from = 0; from < layout.length; from += STEP) {
    const part = readPart(file, layout, from, Math.min(layout.length, from + STEP))
    if (part === undefined || (from === 0 && int64(part.offsets, 0) !== 0) || !isSound(part)) return undefined
  }
  return layout.length
}

/** An item, or its slot's bytes where they make no sense. */
function readItem(items: ListItems, index: number, slot: Buffer): unknown {
  try {
    return items.read(index)
  } catch {
    return Buffer.from(slot)
  }
}

/** The first items, as the list itself gives them. They are read from a list of their own: a copy of the file's beginning. */
export function listItems(file: ReadFile, most: number): unknown[] | undefined {
  const layout = layoutIn(file)
  const part = layout && readPart(file, layout, 0, Math.min(most, layout.length))
  if (layout === undefined || part === undefined || !isSound(part)) return undefined
  let count = part.codes.length
  while (count > 0 && int64(part.offsets, 8 * count) > MOST_BYTES) count--
  const own = listLayout(count, int64(part.offsets, 8 * count))
  const copy = Buffer.from(new ArrayBuffer(own.end))
  copy.writeBigInt64LE(BigInt(count), 0)
  part.offsets.copy(copy, 8, 0, 8 * (count + 1))
  file.read(layout.slots, own.formats - own.slots).copy(copy, own.slots)
  part.formats.copy(copy, own.formats, 0, 8 * count)
  part.codes.copy(copy, own.codes, 0, count)
  const items = new ListItems(copy.buffer, own, 'the list')
  const begin = (index: number) => own.slots + int64(part.offsets, 8 * index)
  return Array.from({ length: count }, (_, i) => readItem(items, i, copy.subarray(begin(i), begin(i + 1))))
}
