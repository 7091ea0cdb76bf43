/** What does a read lock cost when nobody writes? */
import { RWLock } from '../../lib/index.js'
import { expectExact, measure } from '../measure.js'
import { line, type Question, type Trials } from '../question.js'
import { cTrial, nodeTrial, some } from '../trials.js'

// Many, as in lock.ts.
const LOCKS = 1000

export const trials = {
  read(n) {
    const locks = Array.from({ length: LOCKS }, () => RWLock())
    const measured = measure(n, (count) => {
      let taken = 0
      for (let done = 0; done < count; done += LOCKS) {
        for (let i = 0; i < LOCKS; i++) {
          const { read } = locks[i] as RWLock
          if (read.acquire()) taken++
          read.release()
        }
      }
      expectExact('read locks taken', taken, count)
      return taken
    })
    // A reader left behind would keep the writer out.
    const free = locks.filter(({ write }) => write.acquire(0))
    expectExact('locks free at the end', free.length, LOCKS)
    return measured
  },
} satisfies Trials

// A multiple of LOCKS, also divided by 4 for --quick and by 50 into batches.
const ITERATIONS = 400_000

export const question: Question = {
  name: 'rwlock',
  title: 'RWLock: read lock taken + released, uncontended, any of 1,000 locks (CPython has none)',
  comparisons: [
    {
      what: 'rw.read.acquire(); rw.read.release()',
      unit: 'ns',
      lines: [
        line('ours', nodeTrial(import.meta.url, 'read', some(ITERATIONS))),
        line('our Lock, acquire + release', nodeTrial(new URL('./lock.js', import.meta.url).href, 'lock', some(ITERATIONS)), {
          atMostTimes: 2,
        }),
        line('C, pthread_rwlock_rdlock + unlock', cTrial('rwlock.c', 'read', some(ITERATIONS))),
      ],
    },
  ],
}
