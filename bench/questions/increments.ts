/** What does one more cost: under the lock, and as one atomic operation? */
import { Value } from '../../lib/index.js'
import { expectExact, measure } from '../measure.js'
import { line, type Question, type Trials } from '../question.js'
import { cTrial, nodeTrial, otherTrial, pythonTrial, some } from '../trials.js'

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
} satisfies Trials

const python = pythonTrial('increments.py', 'locked', some(200_000))

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
        line('CPython, with v.get_lock(): v.value += 1', python, { timesFaster: 7 }),
      ],
    },
    {
      what: 'v.add(1)',
      unit: 'ns',
      lines: [
        line('ours', nodeTrial(import.meta.url, 'add', some(4_000_000))),
        line('Atomics.add in process', otherTrial('Node', import.meta.url, 'atomics', some(4_000_000)), { atMostTimes: 1.5 }),
        line('CPython, with v.get_lock(): v.value += 1', python, { timesFaster: 35 }),
      ],
    },
  ],
}
