/** Random changes of a list by either side, those that must be refused included. */
import fc from 'fast-check'
import { type Item, someItem } from './items.js'
import type { ListPair, Side } from './list-pair.js'

export type Change =
  | { readonly what: 'set'; readonly side: Side; readonly at: number; readonly item: Item; readonly asBigint: boolean }
  | { readonly what: 'overflow'; readonly side: Side; readonly at: number; readonly by: number; readonly bytes: boolean }
  | { readonly what: 'refuse'; readonly side: Side; readonly at: number; readonly value: unknown; readonly code: string }
  | { readonly what: 'outside'; readonly side: Side; readonly by: number }
  | { readonly what: 'find'; readonly at: number; readonly item: Item | undefined }

export const someSide = fc.constantFrom<Side>('us', 'python')
const constant = <T>(value: T) => fc.constant(value)

const wrongTypes = [undefined, {}, [], () => 1, Symbol('item'), new Date(0), new Uint16Array(1), new ArrayBuffer(8)]
const wrongRanges = [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 70n, '\ud800', 'a\udc00']
const refusal = fc.oneof(
  fc.constantFrom<unknown>(...wrongTypes).map((value) => ({ value, code: 'ERR_INVALID_ARG_TYPE' })),
  fc.constantFrom<unknown>(...wrongRanges).map((value) => ({ value, code: 'ERR_OUT_OF_RANGE' })),
)

export const someChange: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ what: constant('set' as const), side: someSide, at: fc.nat(), item: someItem, asBigint: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: constant('overflow' as const),
      side: someSide,
      at: fc.nat(),
      by: fc.integer({ min: -1, max: 2 }),
      bytes: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(someSide, fc.nat(), refusal).map(([who, at, why]): Change => ({ what: 'refuse', side: who, at, ...why })),
  },
  { weight: 1, arbitrary: fc.record({ what: constant('outside' as const), side: someSide, by: fc.nat(3) }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: constant('find' as const), at: fc.nat(), item: fc.option(someItem, { nil: undefined, freq: 3 }) }),
  },
)

/** From -n to n - 1. */
const indexIn = (pair: ListPair, at: number): number => (at % (2 * pair.model.length)) - pair.model.length

/** As long as the slot, or a little shorter or longer. */
function filling(room: number, by: number, bytes: boolean): Item {
  const text = 'x'.repeat(room + by)
  return bytes ? { kind: 'bytes', value: Buffer.from(text) } : { kind: 'str', value: text }
}

export async function carryOut(pair: ListPair, change: Change): Promise<void> {
  const { length } = pair.model
  if (change.what === 'outside') {
    const index = length + change.by
    if (change.side === 'us') await pair.refuse('us', change.by % 2 === 0 ? index : -index - 1, null, 'ERR_OUT_OF_RANGE')
    else await pair.refuse('python', index, undefined, '') // an index below -n is the fault of Python's that has a test of its own
    return
  }
  if (length === 0) return
  const index = indexIn(pair, change.at)
  if (change.what === 'refuse') await pair.refuse(change.side, index, change.value, change.code)
  else if (change.what === 'set') await pair.set(change.side, index, change.item, change.asBigint)
  else if (change.what === 'overflow') await pair.set(change.side, index, filling(pair.model.room(index), change.by, change.bytes), false)
  else await pair.find(change.item ?? pair.model.at(index))
}
