/** What does it cost to make an object, to attach to it, and to keep it? */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Lock, Process, RawArray, Value } from '../../lib/index.js'
import { expectExact } from '../measure.js'
import { manyObjects, type ObjectKind } from '../objects.js'
import { beside } from '../processes.js'
import { type Comparison, type Line, line, type Question, type Sample, type Trials } from '../question.js'
import { shmTypedArray } from '../shm-typed-array.js'
import { endBySignals, newFolder, openStore } from '../store.js'
import { cTrial, exactly, nodeTrial, otherTrial, pythonTrial, uninstallable } from '../trials.js'

/** Makes `n` and keeps them all: what is given back at once may be used again, and would cost less. */
function make<T>(n: number, one: (i: number) => T): { us: number; kept: readonly T[] } {
  const kept: T[] = []
  // A quarter more for the warm-up, as in python/creation.py and c/creation.c.
  for (let i = 0; i < n / 4; i++) kept.push(one(i))
  const before = kept.length
  const start = performance.now()
  for (let i = 0; i < n; i++) kept.push(one(i))
  const us = ((performance.now() - start) * 1e3) / n
  expectExact('objects made', kept.length, before + n)
  return { us, kept }
}

/** The bytes of the System V segments that this process has made: whole pages. */
function systemVBytes(): number {
  const [head = '', ...rows] = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n')
  const names = head.trim().split(/\s+/)
  const all = rows.map((row) =>
    Object.fromEntries(
      row
        .trim()
        .split(/\s+/)
        .map((cell, i) => [names[i], Number(cell)]),
    ),
  )
  return all.filter(({ cpid }) => cpid === process.pid).reduce((sum, { rss = 0 }) => sum + rss, 0)
}

/** The other process: attaches to all. */
export function getAll(keys: readonly number[], took: RawArray<'c_double'>): void {
  const { get, detach } = shmTypedArray()
  const start = performance.now()
  const arrays = keys.map((key) => get(key, 'Int32Array'))
  took[0] = ((performance.now() - start) * 1e3) / keys.length
  expectExact('arrays that arrived', arrays.filter((array, i) => array[0] === i).length, keys.length)
  for (const key of keys) detach(key)
}

async function shmTypedArrays(n: number): Promise<Sample> {
  const { create, destroy } = shmTypedArray()
  // A signal would leave the System V segments behind.
  endBySignals()
  const { us, kept } = make(n, () => create(1, 'Int32Array'))
  for (const [i, each] of kept.entries()) each[0] = i
  const bytes = systemVBytes() / kept.length
  const keys = kept.map(({ key }) => key)
  const took = RawArray('c_double', 1)
  await beside([new Process(getAll, [keys, took], { module: import.meta.url }).start()], () => {})
  for (const key of keys) destroy(key)
  return { us, bytes, attachUs: took[0] as number }
}

function lmdbEntries(n: number): Sample {
  const path = newFolder()
  const store = openStore(path)
  let key = 0
  const { us, kept } = make(n, (i) => store.putSync(key++, i))
  return { us, bytes: statSync(join(path, 'data.mdb')).size / kept.length }
}

const usOf = ({ us }: { us: number }): Sample => ({ us })

export const trials = {
  Value: (n) => usOf(make(n, (i) => Value('c_int', i))),
  Lock: (n) => usOf(make(n, () => Lock())),
  sharedArrayBuffer: (n) => usOf(make(n, (i) => new Int32Array(new SharedArrayBuffer(4)).fill(i))),
  shmTypedArrays,
  lmdbEntries,
  manyValues: (n) => manyObjects('Value', n),
  manyLocks: (n) => manyObjects('Lock', n),
} satisfies Trials

const c = (kind: ObjectKind) => cTrial('creation.c', kind, exactly(20_000))
const shm = otherTrial('shm-typed-array', import.meta.url, 'shmTypedArrays', exactly(1_000))
const lmdb = otherTrial('lmdb', import.meta.url, 'lmdbEntries', exactly(10_000))

const making = (kind: ObjectKind, what: string, pythons: string, others: Line[]): Comparison => ({
  what,
  unit: 'µs',
  lines: [
    line('ours', nodeTrial(import.meta.url, kind, exactly(20_000)), undefined, 'us'),
    line('C, pthread_mutex_init in a mapping', c(kind), undefined, 'us'),
    line(`CPython, ${pythons}`, pythonTrial('creation.py', kind, exactly(2_000)), { timesFaster: 15 }, 'us'),
    ...others,
  ],
})

const values = nodeTrial(import.meta.url, 'manyValues', exactly(10_000))
const locks = nodeTrial(import.meta.url, 'manyLocks', exactly(10_000))
const pythonValues = pythonTrial('creation.py', 'manyValues', exactly(10_000))
const pythonLocks = pythonTrial('creation.py', 'manyLocks', exactly(10_000))

export const question: Question = {
  name: 'creation',
  title: 'Making objects, all kept: 20,000 of them (CPython 2,000, shm-typed-array 1,000), and what 10,000 take',
  comparisons: [
    making('Value', "Value('c_int', i)", "multiprocessing.Value('i', i)", [
      line('Node, SharedArrayBuffer', otherTrial('Node', import.meta.url, 'sharedArrayBuffer', exactly(20_000)), undefined, 'us'),
      line("shm-typed-array, create(1, 'Int32Array'), without a lock", shm, undefined, 'us'),
      line('lmdb, putSync of a new key (noSync)', lmdb, undefined, 'us'),
    ]),
    making('Lock', 'Lock()', 'multiprocessing.Lock()', [line('posix-semaphore', uninstallable('posix-semaphore'), undefined, 'us')]),
    {
      what: 'attach to one by its handle, in another process (CPython cannot)',
      unit: 'µs',
      lines: [
        line('ours, Value', values, undefined, 'attachUs'),
        line('ours, Lock', locks, undefined, 'attachUs'),
        line('shm-typed-array, get by its key', shm, undefined, 'attachUs'),
      ],
    },
    {
      what: 'attach to one by its handle, in the same process',
      unit: 'µs',
      lines: [line('ours, Value', values, undefined, 'hereUs'), line('ours, Lock', locks, undefined, 'hereUs')],
    },
    {
      what: 'attach to 10,000 Values by their handles, in another process',
      unit: 'ms',
      lines: [line('ours', values, { atMost: 100 }, 'attachMs')],
    },
    {
      what: 'shared memory of 10,000 Values',
      unit: 'MiB',
      lines: [
        line('ours, size of all segments', values, { atMost: 4 }, 'mib'),
        line('CPython, files it maps', pythonValues, undefined, 'mib'),
      ],
    },
    {
      what: 'shared memory for one Value',
      unit: 'B',
      lines: [
        line('ours', values, undefined, 'bytes'),
        line('C, mutex and number on a cache line', c('Value'), undefined, 'bytes'),
        line('CPython', pythonValues, undefined, 'bytes'),
        line('shm-typed-array', shm, undefined, 'bytes'),
        line('lmdb, file', lmdb, undefined, 'bytes'),
      ],
    },
    {
      what: 'shared memory for one Lock',
      unit: 'B',
      lines: [
        line('ours', locks, undefined, 'bytes'),
        line('C, mutex on a cache line', c('Lock'), undefined, 'bytes'),
        line('CPython', pythonLocks, undefined, 'bytes'),
      ],
    },
    {
      what: 'descriptors for 10,000 Values',
      unit: '',
      lines: [line('ours', values, { atMost: 7 }, 'descriptors'), line('CPython', pythonValues, undefined, 'descriptors')],
    },
  ],
}
