/** What does `a[i]` of a numeric Array cost? It is a typed array, and should cost what a typed array does. */
import { Array as SharedArray } from '../../lib/index.js'
import { expectExact, measure, measureAsync } from '../measure.js'
import { type Comparison, type Iterations, type Line, line, type Question, type Sample, type Trials } from '../question.js'
import { connectRedis, startRedis } from '../redis.js'
import { shmTypedArray } from '../shm-typed-array.js'
import { endBySignals, newFolder, openStore } from '../store.js'
import { nodeTrial, otherTrial, pythonTrial, some, uninstallable } from '../trials.js'

// Fits the first-level cache: it's the access that is measured, not the memory. The iterations are multiples of it, also divided into
// batches.
const LENGTH = 1000

type Numbers = Int32Array | Float64Array

const reads = (n: number, a: Numbers) =>
  measure(n, (count) => {
    let sum = 0
    for (let done = 0; done < count; done += LENGTH) for (let i = 0; i < LENGTH; i++) sum += a[i] as number
    return sum
  })

const writes = (n: number, a: Numbers) =>
  measure(n, (count) => {
    for (let done = 0; done < count; done += LENGTH) for (let i = 0; i < LENGTH; i++) a[i] = done ^ i
    return a[LENGTH >> 1] as number
  })

function ofShmTypedArray(n: number, loops: (n: number, a: Numbers) => Sample): Sample {
  const { create, destroy } = shmTypedArray()
  // A signal would leave the System V segment behind.
  endBySignals()
  const array = create(LENGTH, 'Int32Array')
  const measured = loops(n, array)
  destroy(array.key)
  return measured
}

/** A store that is asked by key: `i % LENGTH` has the value `i % LENGTH`, and the last one written tells whether it was. */
interface Store {
  get(i: number): number
  put(i: number, value: number): void
}

function readsOf(n: number, { get, put }: Store): Sample {
  for (let i = 0; i < LENGTH; i++) put(i, i)
  let sum = 0
  let expected = 0
  const measured = measure(n, (count) => {
    for (let i = 0; i < count; i++) {
      sum += get(i % LENGTH)
      expected += i % LENGTH
    }
    return sum
  })
  expectExact('sum of all that was read', sum, expected)
  return measured
}

function writesOf(n: number, { get, put }: Store): Sample {
  let last = 0
  const measured = measure(n, (count) => {
    for (let i = 0; i < count; i++) put(i % LENGTH, ++last)
    return last
  })
  expectExact('last value written', get((Math.ceil(n / 50) - 1) % LENGTH), last)
  return measured
}

function lmdb(): Store {
  const store = openStore(newFolder())
  return { get: (i) => store.get(i) as number, put: (i, value) => store.putSync(i, value) }
}

async function redis(n: number, access: 'read' | 'write'): Promise<Sample> {
  const client = await connectRedis(await startRedis())
  let last = 0
  const write = async (count: number) => {
    for (let i = 0; i < count; i++) await client.hSet('a', `${i % LENGTH}`, `${++last}`)
    return last
  }
  const read = async (count: number) => {
    let sum = 0
    let expected = 0
    for (let i = 0; i < count; i++) {
      sum += Number(await client.hGet('a', `${i % LENGTH}`))
      expected += (i % LENGTH) + 1
    }
    expectExact('sum of what was read', sum, expected)
    return sum
  }
  if (access === 'read') await write(LENGTH)
  const measured = await measureAsync(n, access === 'read' ? read : write)
  client.destroy()
  return measured
}

export const trials = {
  read_c_int: (n) => reads(n, SharedArray('c_int', LENGTH)),
  write_c_int: (n) => writes(n, SharedArray('c_int', LENGTH)),
  read_c_double: (n) => reads(n, SharedArray('c_double', LENGTH)),
  write_c_double: (n) => writes(n, SharedArray('c_double', LENGTH)),
  read_c_int_limit: (n) => reads(n, new Int32Array(LENGTH)),
  write_c_int_limit: (n) => writes(n, new Int32Array(LENGTH)),
  read_c_double_limit: (n) => reads(n, new Float64Array(LENGTH)),
  write_c_double_limit: (n) => writes(n, new Float64Array(LENGTH)),
  read_shm: (n) => ofShmTypedArray(n, reads),
  write_shm: (n) => ofShmTypedArray(n, writes),
  read_lmdb: (n) => readsOf(n, lmdb()),
  write_lmdb: (n) => writesOf(n, lmdb()),
  read_redis: (n) => redis(n, 'read'),
  write_redis: (n) => redis(n, 'write'),
} satisfies Trials

const other = (who: string, name: keyof typeof trials, iterations: Iterations) => otherTrial(who, import.meta.url, name, iterations)

/** What a user of Node could take. Of one type only: others cost the same. */
const peers = (access: 'read' | 'write'): Line[] => [
  line('shm-typed-array', other('shm-typed-array', `${access}_shm`, some(20_000_000))),
  line(access === 'read' ? 'lmdb, get' : 'lmdb, putSync (noSync)', other('lmdb', `${access}_lmdb`, some(100_000))),
  line(access === 'read' ? 'redis, HGET' : 'redis, HSET', other('redis', `${access}_redis`, some(6_000))),
  line('mmap-object', uninstallable('mmap-object')),
]

function comparison(access: 'read' | 'write', type: 'c_int' | 'c_double'): Comparison {
  const name = `${access}_${type}` as const
  return {
    what: `${type}, ${access}`,
    unit: 'ns',
    lines: [
      line('ours', nodeTrial(import.meta.url, name, some(20_000_000))),
      line('plain typed array', other('Node', `${name}_limit`, some(20_000_000)), { atMostTimes: 1.1 }),
      line('CPython, Array', pythonTrial('element_access.py', `${name}_Array`, some(400_000))),
      line('CPython, RawArray', pythonTrial('element_access.py', `${name}_RawArray`, some(400_000))),
      ...(type === 'c_int' ? peers(access) : []),
    ],
  }
}

export const question: Question = {
  name: 'element-access',
  title: 'a[i] of a numeric Array',
  comparisons: [comparison('read', 'c_int'), comparison('write', 'c_int'), comparison('read', 'c_double'), comparison('write', 'c_double')],
}
