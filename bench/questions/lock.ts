/** What does taking and letting go of a lock cost when nobody else wants it? */
import { Lock } from '../../lib/index.js'
import { measure } from '../measure.js'
import { line, type Question, type Trials } from '../question.js'
import { cTrial, nodeTrial, pythonTrial, some } from '../trials.js'

// Many locks, because a program has many: nothing that is remembered of the last one helps with the next.
const LOCKS = 1000

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
} satisfies Trials

// A multiple of LOCKS, also divided by 4 for --quick and by 50 into batches.
const ITERATIONS = 400_000

export const question: Question = {
  name: 'lock',
  title: 'Lock: acquire + release, uncontended, any of 1,000 locks',
  comparisons: [
    {
      what: 'lock.acquire(); lock.release()',
      unit: 'ns',
      lines: [
        line('ours', nodeTrial(import.meta.url, 'lock', some(ITERATIONS))),
        line('C, robust pthread mutex', cTrial('lock.c', 'lock', some(ITERATIONS)), { atMostTimes: 4.5 }),
        line('CPython, multiprocessing.Lock', pythonTrial('lock.py', 'lock', some(ITERATIONS)), { timesFaster: 2 }),
      ],
    },
  ],
}
