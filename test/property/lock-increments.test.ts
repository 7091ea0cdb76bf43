/** Several processes that increment a value of any integer type, under its lock or atomically, always come to the exact sum. */
import { expect } from 'chai'
import fc from 'fast-check'
import { Value } from '../../lib/index.js'
import type { Mode } from '../fixtures/lock-operations.js'
import { Actor } from '../helpers/actor.js'

/** The range of each type, from C's own sizes here. */
const types = {
  c_byte: [-(2n ** 7n), 2n ** 7n - 1n],
  c_ubyte: [0n, 2n ** 8n - 1n],
  c_short: [-(2n ** 15n), 2n ** 15n - 1n],
  c_ushort: [0n, 2n ** 16n - 1n],
  c_int: [-(2n ** 31n), 2n ** 31n - 1n],
  c_uint: [0n, 2n ** 32n - 1n],
  c_int8: [-(2n ** 7n), 2n ** 7n - 1n],
  c_uint8: [0n, 2n ** 8n - 1n],
  c_int16: [-(2n ** 15n), 2n ** 15n - 1n],
  c_uint16: [0n, 2n ** 16n - 1n],
  c_int32: [-(2n ** 31n), 2n ** 31n - 1n],
  c_uint32: [0n, 2n ** 32n - 1n],
  c_longlong: [-(2n ** 63n), 2n ** 63n - 1n],
  c_ulonglong: [0n, 2n ** 64n - 1n],
  c_int64: [-(2n ** 63n), 2n ** 63n - 1n],
  c_uint64: [0n, 2n ** 64n - 1n],
} as const
type IntegerType = keyof typeof types

const MOST_PROCESSES = 4

describe('increments by several processes', () => {
  let actors: Actor[]
  before(() => {
    actors = Array.from({ length: MOST_PROCESSES }, () => new Actor('process'))
  })
  after(() => Promise.all(actors.map((actor) => actor.kill())))

  const locked = fc.uniqueArray(fc.constantFrom<Mode>('sync', 'withLock', 'async', 'acquireAsync'), { minLength: 1 })
  const program = fc.record({
    type: fc.constantFrom(...(Object.keys(types) as IntegerType[])),
    processes: fc.integer({ min: 2, max: MOST_PROCESSES }),
    times: fc.integer({ min: 1, max: 400 }),
    modes: fc.oneof(
      { weight: 4, arbitrary: fc.array(locked, { minLength: MOST_PROCESSES, maxLength: MOST_PROCESSES }) },
      fc.constant('atomic' as const),
    ),
    below: fc.bigInt({ min: 0n, max: 50n }),
  })

  it('are exact, for any number of processes, of increments, and any type', async () => {
    await fc.assert(
      fc.asyncProperty(program, async ({ type, processes, times: wanted, modes, below }) => {
        const [min, max] = types[type]
        const times = Math.min(wanted, Number((max - min) / BigInt(processes)))
        // Where there is room for it, the sum ends near the top of the range.
        const sum = BigInt(times * processes)
        const start = sum + below > max - min ? min : max - below - sum
        const value = Value(type, typeof Value(type).value === 'bigint' ? start : Number(start))
        const handle = value.toJSON()
        await Promise.all(
          actors.slice(0, processes).map(async (actor, i) => {
            const lock = await actor.open(handle)
            await lock.call('increments', handle, times, modes === 'atomic' ? ['atomic'] : (modes[i] as Mode[]))
            await lock.call('close')
          }),
        )
        expect(BigInt(value.value)).to.equal(start + sum)
        expect(value.getLock().locked).to.equal(false)
        value.close()
      }),
      { numRuns: 120, ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }) },
    )
  })
})
