/** What does `a[i]` of a numeric Array cost? It is a typed array, and should cost what a typed array does. */
import { Array as SharedArray } from '../../lib/index.js'
import { measure } from '../measure.js'
import { type Comparison, line, type Question, type Trials } from '../question.js'
import { nodeTrial, otherTrial, pythonTrial, some } from '../trials.js'

// Fits the first-level cache: it's the access that is measured, not the memory. The iterations are multiples of it, also divided into
// batches.
const LENGTH = 1000

const reads = (n: number, a: Int32Array | Float64Array) =>
  measure(n, (count) => {
    let sum = 0
    for (let done = 0; done < count; done += LENGTH) for (let i = 0; i < LENGTH; i++) sum += a[i] as number
    return sum
  })

const writes = (n: number, a: Int32Array | Float64Array) =>
  measure(n, (count) => {
    for (let done = 0; done < count; done += LENGTH) for (let i = 0; i < LENGTH; i++) a[i] = done ^ i
    return a[LENGTH >> 1] as number
  })

export const trials = {
  read_c_int: (n) => reads(n, SharedArray('c_int', LENGTH)),
  write_c_int: (n) => writes(n, SharedArray('c_int', LENGTH)),
  read_c_double: (n) => reads(n, SharedArray('c_double', LENGTH)),
  write_c_double: (n) => writes(n, SharedArray('c_double', LENGTH)),
  read_c_int_limit: (n) => reads(n, new Int32Array(LENGTH)),
  write_c_int_limit: (n) => writes(n, new Int32Array(LENGTH)),
  read_c_double_limit: (n) => reads(n, new Float64Array(LENGTH)),
  write_c_double_limit: (n) => writes(n, new Float64Array(LENGTH)),
} satisfies Trials

function comparison(access: 'read' | 'write', type: 'c_int' | 'c_double'): Comparison {
  const name = `${access}_${type}` as const
  return {
    what: `${type}, ${access}`,
    unit: 'ns',
    lines: [
      line('ours', nodeTrial(import.meta.url, name, some(20_000_000))),
      line('plain typed array', otherTrial('Node', import.meta.url, `${name}_limit`, some(20_000_000)), { atMostTimes: 1.1 }),
      line('CPython, Array', pythonTrial('element_access.py', `${name}_Array`, some(400_000))),
      line('CPython, RawArray', pythonTrial('element_access.py', `${name}_RawArray`, some(400_000))),
    ],
  }
}

export const question: Question = {
  name: 'element-access',
  title: 'a[i] of a numeric Array',
  comparisons: [comparison('read', 'c_int'), comparison('write', 'c_int'), comparison('read', 'c_double'), comparison('write', 'c_double')],
}
