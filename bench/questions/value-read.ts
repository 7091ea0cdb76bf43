/** What does `v.value` cost, read and written? */
import { Value } from '../../lib/index.js'
import { measure } from '../measure.js'
import { type Comparison, line, type Question, type Trials } from '../question.js'
import { nodeTrial, otherTrial, pythonTrial, some } from '../trials.js'

const reads = (n: number, v: { value: number }) =>
  measure(n, (count) => {
    let sum = 0
    for (let i = 0; i < count; i++) sum += v.value
    return sum
  })

const writes = (n: number, v: { value: number }) =>
  measure(n, (count) => {
    for (let i = 0; i < count; i++) v.value = i
    return v.value
  })

export const trials = {
  read_c_int: (n) => reads(n, Value('c_int', 3)),
  write_c_int: (n) => writes(n, Value('c_int')),
  read_c_double: (n) => reads(n, Value('c_double', 0.5)),
  write_c_double: (n) => writes(n, Value('c_double')),
  read_c_int_limit(n) {
    const numbers = new Int32Array(new SharedArrayBuffer(64))
    return measure(n, (count) => {
      let sum = 0
      for (let i = 0; i < count; i++) sum += Atomics.load(numbers, 0)
      return sum
    })
  },
  write_c_int_limit(n) {
    const numbers = new Int32Array(new SharedArrayBuffer(64))
    return measure(n, (count) => {
      for (let i = 0; i < count; i++) Atomics.store(numbers, 0, i)
      return numbers[0] as number
    })
  },
  read_c_double_limit(n) {
    const numbers = new Float64Array(new SharedArrayBuffer(64))
    return measure(n, (count) => {
      let sum = 0
      for (let i = 0; i < count; i++) sum += numbers[0] as number
      return sum
    })
  },
  write_c_double_limit(n) {
    const numbers = new Float64Array(new SharedArrayBuffer(64))
    return measure(n, (count) => {
      for (let i = 0; i < count; i++) numbers[0] = i
      return numbers[0] as number
    })
  },
} satisfies Trials

function comparison(access: 'read' | 'write', type: 'c_int' | 'c_double'): Comparison {
  const name = `${access}_${type}` as const
  const limit = type === 'c_double' ? 'Float64Array' : access === 'read' ? 'Atomics.load' : 'Atomics.store'
  const python = pythonTrial('value_read.py', name, some(500_000))
  return {
    what: `${type}, ${access}`,
    unit: 'ns',
    lines: [
      line('ours', nodeTrial(import.meta.url, name, some(4_000_000))),
      line(`${limit} in process`, otherTrial('Node', import.meta.url, `${name}_limit`, some(4_000_000))),
      access === 'read' ? line('CPython, v.value', python, { timesFaster: 8 }) : line('CPython, v.value = x', python),
    ],
  }
}

export const question: Question = {
  name: 'value-read',
  title: 'v.value of a Value',
  comparisons: [comparison('read', 'c_int'), comparison('read', 'c_double'), comparison('write', 'c_int'), comparison('write', 'c_double')],
}
