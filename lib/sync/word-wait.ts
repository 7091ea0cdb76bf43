/** wait and notify on a 32-bit word in shared memory: JavaScript's Atomics.wait, waitAsync and notify, across processes. */
import { wrongRange, wrongType } from '../check.js'
import type { Block } from '../memory/block.js'
import { AsyncLine, GrantLine, WaitKind } from './async-line.js'
import { type AsyncWaitOptions, checkWait } from './options.js'
import { park, sleepInLine, unpark, type WaitPlace } from './parking.js'

/** What a wait on a word comes to, in Atomics' own words. */
export type WordWaitResult = 'ok' | 'not-equal' | 'timed-out'

const RESULTS = { woken: 'ok', changed: 'not-equal', 'timed-out': 'timed-out' } as const

function placeOf(block: Block, offset: number): WaitPlace {
  block.checkOpen()
  return { segment: block.segment.number, base: block.segment.base, key: block.dataOffset + offset, parked: 0 }
}

const told = new WeakMap<Block, Set<number>>()

/** Once for each word of a block: when it is closed, its asynchronous waits end. */
function endOnClose(block: Block, place: WaitPlace): void {
  let words = told.get(block)
  if (words === undefined) {
    words = new Set()
    told.set(block, words)
  }
  if (words.has(place.key)) return
  words.add(place.key)
  block.onClose(() => AsyncLine.close(place, block))
}

/**
 * @param offset - of the word in the block's data, in bytes
 * @param expected - the word's 32 bits, as a signed or unsigned number
 */
export function waitForWord(block: Block, offset: number, expected: number, timeout: number): WordWaitResult {
  const place = placeOf(block, offset)
  const record = park(place, { offset: place.key, value: expected >>> 0 }, -1, block.what)
  if (record < 0) return 'not-equal'
  return sleepInLine(place, record, timeout) ? 'ok' : 'timed-out'
}

export async function waitForWordAsync(
  block: Block,
  offset: number,
  expected: number,
  options: AsyncWaitOptions | undefined,
): Promise<WordWaitResult> {
  const wait = checkWait(options)
  wait.signal?.throwIfAborted()
  const place = placeOf(block, offset)
  endOnClose(block, place)
  const line = AsyncLine.of(place, () => new GrantLine(place, { kind: WaitKind.grant, dataOffset: place.key, lockAddress: 0 }))
  return RESULTS[await line.until({ owner: block, what: block.what }, wait, { offset: place.key, value: expected >>> 0 })]
}

export function notifyWord(block: Block, offset: number, count: unknown): number {
  const place = placeOf(block, offset)
  const most = checkCount(count)
  return most === 0 ? 0 : unpark(place, most)
}

/** How many to wake: absent: all. */
function checkCount(count: unknown): number {
  if (count === undefined || count === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  if (typeof count !== 'number') throw wrongType('count', 'a number of waits', count)
  if (!Number.isSafeInteger(count) || count < 0) throw wrongRange('count', 'an integer >= 0, or Infinity', count)
  return count
}

/** @throws ERR_OUT_OF_RANGE */
export function checkIndex(index: unknown, length: number): number {
  if (typeof index !== 'number') throw wrongType('index', 'a number', index)
  if (!Number.isInteger(index) || index < 0 || index >= length)
    throw wrongRange('index', length === 0 ? 'an index, of which an empty array has none' : `an index from 0 to ${length - 1}`, index)
  return index
}
