/** Making the block of a new ShareableList: all items are checked and measured first, then written before anybody can see them. */
import { types } from 'node:util'
import { shown } from '../check.js'
import { invalidType } from '../errors.js'
import { RawBlock, type RawBlockOptions } from '../memory/raw-block.js'
import { listLayout, slotFor } from './list-layout.js'
import { byteLength, checkInt, type ShareableValue, wrongItem } from './list-values.js'
import { NewList } from './new-list.js'

/** Bytes of the slot of a new item. */
function slotOf(value: ShareableValue, index: number, isFloat: boolean): number {
  switch (typeof value) {
    case 'number':
      if (!isFloat && Number.isInteger(value) && !Number.isSafeInteger(value)) checkInt(value, `items[${index}]`)
      return 8
    case 'bigint':
      checkInt(value, `items[${index}]`)
      return 8
    case 'boolean':
      return 8
    case 'string':
      return slotFor(byteLength(value, `items[${index}]`))
    default:
      if (value === null) return 8
      if (types.isUint8Array(value)) return slotFor(byteLength(value, `items[${index}]`))
      throw wrongItem(`items[${index}]`, value)
  }
}

const sliceTyped = (Object.getPrototypeOf(Int32Array.prototype) as Int32Array).slice

/** A copy, which nobody changes between measuring and writing. */
function itemsOf(source: unknown): ArrayLike<ShareableValue> {
  // Array.from would ask the iterator for each item, which takes as long as the rest. (A Buffer's own slice is no copy.)
  if (ArrayBuffer.isView(source) && !(source instanceof DataView)) return sliceTyped.call(source as Int32Array)
  if (typeof source === 'string' || (typeof source === 'object' && source !== null && Symbol.iterator in source))
    return Array.from(source as Iterable<ShareableValue>)
  throw invalidType(`Expected \`items\` to be an iterable, or null, got ${shown(source)}`)
}

/**
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EEXIST, ENOSPC, ENOMEM
 */
export function buildList(source: unknown, options: Omit<RawBlockOptions, 'fill'>): RawBlock {
  const isFloat = types.isFloat64Array(source) || types.isFloat32Array(source)
  const items = itemsOf(source)
  let slotBytes = 0
  for (let i = 0; i < items.length; i++) slotBytes += slotOf(items[i] as ShareableValue, i, isFloat)
  const layout = listLayout(items.length, slotBytes)
  const fill = (buffer: ArrayBuffer) => {
    const list = new NewList(buffer, layout)
    for (let i = 0; i < items.length; i++) list.initialise(i, items[i] as ShareableValue, isFloat)
  }
  return RawBlock.create(layout.end, { ...options, fill })
}
