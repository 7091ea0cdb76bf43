/** What does it cost to make an object? */
import { Lock, Value } from '../../lib/index.js'
import { expectExact } from '../measure.js'
import { type Comparison, line, type Question, type Sample, type Trials } from '../question.js'
import { cTrial, exactly, nodeTrial, pythonTrial } from '../trials.js'

/** Makes `n` and keeps them all: what is given back at once may be used again, and would cost less. */
function make(n: number, one: (i: number) => object): Sample {
  const kept: object[] = []
  // A quarter more for the warm-up, as in python/creation.py and c/creation.c.
  for (let i = 0; i < n / 4; i++) kept.push(one(i))
  const before = kept.length
  const start = performance.now()
  for (let i = 0; i < n; i++) kept.push(one(i))
  const us = ((performance.now() - start) * 1e3) / n
  expectExact('objects made', kept.length, before + n)
  return { us }
}

export const trials = {
  Value: (n) => make(n, (i) => Value('c_int', i)),
  Lock: (n) => make(n, () => Lock()),
} satisfies Trials

const comparison = (kind: 'Value' | 'Lock', what: string, pythons: string): Comparison => ({
  what,
  unit: 'µs',
  lines: [
    line('ours', nodeTrial(import.meta.url, kind, exactly(20_000)), undefined, 'us'),
    line('C, pthread_mutex_init in a mapping', cTrial('creation.c', kind, exactly(20_000)), undefined, 'us'),
    line(`CPython, ${pythons}`, pythonTrial('creation.py', kind, exactly(2_000)), { timesFaster: 15 }, 'us'),
  ],
})

export const question: Question = {
  name: 'creation',
  title: 'Making objects, 20,000 of them (CPython 2,000), all kept',
  comparisons: [
    comparison('Value', "Value('c_int', i)", "multiprocessing.Value('i', i)"),
    comparison('Lock', 'Lock()', 'multiprocessing.Lock()'),
  ],
}
