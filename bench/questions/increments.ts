/** What does one more cost: under the lock, as one atomic operation, unlocked, and by what else a user of Node could count with? */
import { RawValue, Value } from '../../lib/index.js'
import { expectExact, measure, measureAsync } from '../measure.js'
import { answerAll, Partner } from '../partner.js'
import { type Iterations, line, type Question, type Trials } from '../question.js'
import { connectRedis, startRedis } from '../redis.js'
import { newFolder, openStore } from '../store.js'
import { cTrial, nodeTrial, otherTrial, pythonTrial, some, uninstallable } from '../trials.js'

export const trials = {
  withLock(n) {
    const v = Value('c_int')
    const measured = measure(n, (count) => {
      for (let i = 0; i < count; i++) {
        v.withLock(() => {
          v.value += 1
        })
      }
      return v.value
    })
    expectExact('withLock', v.value, measured.iterations)
    return measured
  },
  add(n) {
    const v = Value('c_int')
    const measured = measure(n, (count) => {
      let seen = 0
      for (let i = 0; i < count; i++) seen ^= v.add(1)
      return seen
    })
    expectExact('add', v.value, measured.iterations)
    return measured
  },
  unlocked(n) {
    const v = RawValue('c_int')
    const measured = measure(n, (count) => {
      for (let i = 0; i < count; i++) v.value++
      return v.value
    })
    expectExact('unlocked, and nobody else there', v.value, measured.iterations)
    return measured
  },
  atomics(n) {
    const numbers = new Int32Array(new SharedArrayBuffer(64))
    const measured = measure(n, (count) => {
      let seen = 0
      for (let i = 0; i < count; i++) seen ^= Atomics.add(numbers, 0, 1)
      return seen
    })
    expectExact('Atomics.add', numbers[0] as number, measured.iterations)
    return measured
  },
  typedArray(n) {
    const numbers = new Int32Array(16)
    const measured = measure(n, (count) => {
      for (let i = 0; i < count; i++) (numbers[0] as number)++
      return numbers[0] as number
    })
    expectExact('numbers[0]++', numbers[0] as number, measured.iterations)
    return measured
  },
  /** The process that owns the counter is asked for one more, and answers what it has come to. */
  async message(n) {
    let counter = 0
    if (process.send !== undefined) return answerAll(() => ++counter)
    const owner = Partner.process({ url: import.meta.url, trial: 'message' })
    const measured = await measureAsync(n, async (count) => {
      for (let i = 0; i < count; i++) counter = await owner.ask<number>('add')
      return counter
    })
    await owner.stop()
    expectExact('messages', counter, measured.iterations)
    return measured
  },
  async lmdb(n) {
    const store = openStore(newFolder())
    let seen = 0
    // Reads within transactions only: one outside keeps its snapshot, and all pages written since, until the event loop turns.
    const add = () => {
      seen = (store.get('n') as number) + 1
      store.put('n', seen)
    }
    store.transactionSync(() => store.put('n', 0))
    const measured = measure(n, (count) => {
      for (let i = 0; i < count; i++) store.transactionSync(add)
      return seen
    })
    expectExact('lmdb', store.get('n') as number, measured.iterations)
    return measured
  },
  async redis(n) {
    const client = await connectRedis(await startRedis())
    const measured = await measureAsync(n, async (count) => {
      let seen = 0
      for (let i = 0; i < count; i++) seen = await client.incr('n')
      return seen
    })
    expectExact('INCR', Number(await client.get('n')), measured.iterations)
    client.destroy()
    return measured
  },
} satisfies Trials

const locked = pythonTrial('increments.py', 'locked', some(200_000))
const add = nodeTrial(import.meta.url, 'add', some(4_000_000))
const other = (who: string, name: keyof typeof trials, iterations: Iterations) => otherTrial(who, import.meta.url, name, iterations)

export const question: Question = {
  name: 'increments',
  title: "Increment of a Value('c_int'), uncontended",
  comparisons: [
    {
      what: 'v.withLock(() => { v.value += 1 })',
      unit: 'ns',
      lines: [
        line('ours', nodeTrial(import.meta.url, 'withLock', some(500_000))),
        line('C, robust pthread mutex', cTrial('increments.c', 'locked', some(2_000_000))),
        line('CPython, with v.get_lock(): v.value += 1', locked, { timesFaster: 7 }),
      ],
    },
    {
      what: 'v.add(1)',
      unit: 'ns',
      lines: [
        line('ours', add),
        line('Atomics.add in process', other('Node', 'atomics', some(4_000_000)), { atMostTimes: 1.5 }),
        line('C, atomic_fetch_add', cTrial('increments.c', 'atomic', some(4_000_000))),
        line('CPython, with v.get_lock(): v.value += 1', locked, { timesFaster: 35 }),
      ],
    },
    {
      what: 'v.value++ of a RawValue, which others can come between',
      unit: 'ns',
      lines: [
        line('ours', nodeTrial(import.meta.url, 'unlocked', some(4_000_000))),
        line('numbers[0]++ of a typed array', other('Node', 'typedArray', some(20_000_000))),
        line('C, an int', cTrial('increments.c', 'unlocked', some(20_000_000))),
        line('CPython, v.value += 1 of a RawValue', pythonTrial('increments.py', 'unlocked', some(500_000))),
      ],
    },
    {
      what: 'one more, exactly, whichever processes count',
      unit: 'ns',
      lines: [
        line('ours, v.add(1)', add),
        line('lmdb, get and put in transactionSync (noSync)', other('lmdb', 'lmdb', some(100_000))),
        line('redis, INCR', other('redis', 'redis', some(6_000))),
        line('Node, child.send to the process that owns it, and its answer', other('Node', 'message', some(6_000))),
        line('mmap-object, which only one may write', uninstallable('mmap-object')),
      ],
    },
  ],
}
