/** What does it cost to make a large ShareableList, and to attach to it? */
import { ShareableList } from '../../lib/index.js'
import { expectExact, median } from '../measure.js'
import { line, type Question, type Sample, type Trials } from '../question.js'
import { nodeTrial, pythonTrial } from '../trials.js'

const LENGTH = 1_000_000
const MIB = 2 ** 20

function timed(list: () => ShareableList): { ms: number; list: ShareableList } {
  const start = performance.now()
  const made = list()
  return { ms: performance.now() - start, list: made }
}

function build(n: number, items: ArrayLike<number> & Iterable<number>): Sample {
  const times: number[] = []
  let bytes = 0
  for (let i = 0; i <= n; i++) {
    const { ms, list } = timed(() => new ShareableList(items))
    times.push(ms)
    bytes = list.shm.size
    for (const place of [0, LENGTH / 2, LENGTH - 1]) expectExact('an item', list.get(place) as number, items[place] as number)
    list.close()
    list.unlink()
  }
  return { first: times[0] as number, ms: median(times.slice(1)), mib: bytes / MIB }
}

const numbers = (item: (i: number) => number) => Array.from({ length: LENGTH }, (_, i) => item(i))

export const trials = {
  ints: (n) =>
    build(
      n,
      numbers((i) => i),
    ),
  int32Array: (n) => build(n, Int32Array.from(numbers((i) => i))),
  floats: (n) =>
    build(
      n,
      numbers((i) => i + 0.5),
    ),
  float64Array: (n) => build(n, Float64Array.from(numbers((i) => i + 0.5))),
  attach(n) {
    const made = new ShareableList(numbers((i) => i))
    const times: number[] = []
    for (let i = 0; i <= n; i++) {
      const { ms, list } = timed(() => new ShareableList(null, { name: made.name }))
      times.push(ms)
      expectExact('an item', list.get(LENGTH - 1) as number, LENGTH - 1)
      list.close()
    }
    made.close()
    made.unlink()
    return { ms: median(times.slice(1)) }
  },
} satisfies Trials

const lists = { full: 8, quick: 2 }
const ours = (name: keyof typeof trials) => nodeTrial(import.meta.url, name, lists)
const cpython = (name: string) => pythonTrial('shareable_list_build.py', name, lists)
const ints = ours('ints')
const pythonInts = cpython('ints')
const pythonFloats = cpython('floats')

export const question: Question = {
  name: 'shareable-list-build',
  title: 'A ShareableList of 1,000,000 numbers, made one after another',
  comparisons: [
    {
      what: 'of ints, from an Array',
      unit: 'ms',
      lines: [line('ours', ints, undefined, 'ms'), line('CPython, from a list', pythonInts, { timesFaster: 5 }, 'ms')],
    },
    {
      what: 'the first one of a process',
      unit: 'ms',
      lines: [line('ours', ints, undefined, 'first'), line('CPython, from a list', pythonInts, { timesFaster: 5 }, 'first')],
    },
    {
      what: 'its size',
      unit: 'MiB',
      lines: [line('ours', ints, undefined, 'mib'), line('CPython', pythonInts, { atMostTimes: 1 }, 'mib')],
    },
    {
      what: 'of ints, from an Int32Array',
      unit: 'ms',
      lines: [line('ours', ours('int32Array'), undefined, 'ms'), line('CPython, from a list', pythonInts, { timesFaster: 5 }, 'ms')],
    },
    {
      what: 'of floats, from an Array',
      unit: 'ms',
      lines: [line('ours', ours('floats'), undefined, 'ms'), line('CPython, from a list', pythonFloats, undefined, 'ms')],
    },
    {
      what: 'of floats, from a Float64Array',
      unit: 'ms',
      lines: [line('ours', ours('float64Array'), undefined, 'ms'), line('CPython, from a list', pythonFloats, undefined, 'ms')],
    },
    {
      what: 'attach to it by name, and read the last item',
      unit: 'ms',
      lines: [line('ours', ours('attach'), undefined, 'ms'), line('CPython', cpython('attach'), undefined, 'ms')],
    },
  ],
}
