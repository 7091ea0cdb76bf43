/** What does taking and letting go of a lock cost when nobody else wants it? */
import { Lock } from '../../lib/index.js'
import { ATOMICS, type HoldAsync, type KindName, kinds, letAtomicsGo, takeAtomics } from '../locks.js'
import { expectExact, measure, measureAsync } from '../measure.js'
import { type Iterations, line, type Question, type Sample, type Trials } from '../question.js'
import { cTrial, nodeTrial, otherTrial, pythonTrial, some, uninstallable } from '../trials.js'

// Many locks, because a program has many: nothing that is remembered of the last one helps with the next.
const LOCKS = 1000

/** Of another kind: a blocking one where it has that. */
async function holds(name: KindName, n: number, locks = LOCKS): Promise<Sample> {
  const { make, open } = kinds[name]
  const { hold, holdAsync, close } = await open(await make(locks))
  let held = 0
  const work = () => {
    held++
  }
  const blocking = (count: number) => {
    for (let i = 0; i < count; i++) hold?.(i % locks, work)
    return held
  }
  const asynchronous = async (count: number) => {
    for (let i = 0; i < count; i++) await (holdAsync as HoldAsync)(i % locks, work)
    return held
  }
  const measured = hold === undefined ? await measureAsync(n, asynchronous) : measure(n, blocking)
  close?.()
  expectExact(`held by ${name}`, held, measured.iterations)
  return measured
}

export const trials = {
  lock(n) {
    const locks = Array.from({ length: LOCKS }, () => Lock())
    return measure(n, (count) => {
      let taken = 0
      for (let done = 0; done < count; done += LOCKS) {
        for (let i = 0; i < LOCKS; i++) {
          const lock = locks[i] as Lock
          if (lock.acquire()) taken++
          lock.release()
        }
      }
      return taken
    })
  },
  oursAsync: (n) => holds('oursAsync', n),
  /** In the same loop as ours: a closure for each costs as much as this lock. */
  atomics(n) {
    const words = new Int32Array(kinds.atomics.make(LOCKS) as SharedArrayBuffer)
    return measure(n, (count) => {
      let taken = 0
      for (let done = 0; done < count; done += LOCKS) {
        for (let i = 0; i < LOCKS; i++) {
          takeAtomics(words, ATOMICS.STRIDE * i)
          taken++
          letAtomicsGo(words, ATOMICS.STRIDE * i)
        }
      }
      return taken
    })
  },
  osLock: (n) => holds('osLock', n),
  properLockfile: (n) => holds('properLockfile', n, 100),
  lmdb: (n) => holds('lmdb', n, 1),
  redis: (n) => holds('redis', n),
} satisfies Trials

// A multiple of LOCKS, also divided by 4 for --quick and by 50 into batches.
const ITERATIONS = 400_000

const other = (who: string, name: keyof typeof trials, iterations: Iterations) => otherTrial(who, import.meta.url, name, iterations)

export const question: Question = {
  name: 'lock',
  title: 'Lock: acquire + release, uncontended, any of 1,000 locks',
  comparisons: [
    {
      what: 'lock.acquire(); lock.release()',
      unit: 'ns',
      lines: [
        line('ours', nodeTrial(import.meta.url, 'lock', some(ITERATIONS))),
        line('ours, await lock.acquireAsync()', nodeTrial(import.meta.url, 'oursAsync', some(ITERATIONS / 2))),
        line('C, robust pthread mutex', cTrial('lock.c', 'lock', some(ITERATIONS)), { atMostTimes: 4.5 }),
        line('CPython, multiprocessing.Lock', pythonTrial('lock.py', 'lock', some(ITERATIONS)), { timesFaster: 2 }),
        line('Node, mutex of Atomics.compareExchange, within one process', other('Node', 'atomics', some(ITERATIONS))),
        line('lmdb, transactionSync, one database', other('lmdb', 'lmdb', some(40_000))),
        line('os-lock, lock of a byte of a file', other('os-lock', 'osLock', some(8_000))),
        line('redis, SET NX PX, released by Lua', other('redis', 'redis', some(4_000))),
        line('proper-lockfile, lock of any of 100 files', other('proper-lockfile', 'properLockfile', some(400))),
        line('posix-semaphore, one semaphore', uninstallable('posix-semaphore')),
      ],
    },
  ],
}
