/** What does taking and giving back a permit cost when nobody else wants it? */
import { Semaphore } from '../../lib/index.js'
import { expectExact, measure } from '../measure.js'
import { line, type Question, type Trials } from '../question.js'
import { cTrial, nodeTrial, pythonTrial, some } from '../trials.js'

// Many, as in lock.ts.
const SEMAPHORES = 1000

export const trials = {
  semaphore(n) {
    const semaphores = Array.from({ length: SEMAPHORES }, () => Semaphore(1))
    const measured = measure(n, (count) => {
      let taken = 0
      for (let done = 0; done < count; done += SEMAPHORES) {
        for (let i = 0; i < SEMAPHORES; i++) {
          const semaphore = semaphores[i] as Semaphore
          if (semaphore.acquire()) taken++
          semaphore.release()
        }
      }
      expectExact('permits taken', taken, count)
      return taken
    })
    const left = semaphores.reduce((sum, { value }) => sum + value, 0)
    expectExact('permits left', left, SEMAPHORES)
    return measured
  },
} satisfies Trials

// A multiple of SEMAPHORES, also divided by 4 for --quick and by 50 into batches.
const ITERATIONS = 400_000

export const question: Question = {
  name: 'semaphore',
  title: 'Semaphore: acquire + release, uncontended, any of 1,000 semaphores',
  comparisons: [
    {
      what: 'semaphore.acquire(); semaphore.release()',
      unit: 'ns',
      lines: [
        line('ours', nodeTrial(import.meta.url, 'semaphore', some(ITERATIONS))),
        line('C, sem_wait + sem_post', cTrial('semaphore.c', 'semaphore', some(ITERATIONS)), { atMostTimes: 4.5 }),
        line('CPython, multiprocessing.Semaphore', pythonTrial('semaphore.py', 'semaphore', some(ITERATIONS)), { timesFaster: 2 }),
      ],
    },
  ],
}
