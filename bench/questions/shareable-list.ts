/** What does an item of a ShareableList cost, and does it matter how many there are? */
import { ShareableList } from '../../lib/index.js'
import { expectExact, measure, median } from '../measure.js'
import { type Comparison, line, type Question, type Sample, type Trial, type Trials } from '../question.js'
import { endBySignals, newFolder, openStore, type Store } from '../store.js'
import { exactly, nodeTrial, otherTrial, pythonTrial, some } from '../trials.js'

/** So many items are touched between two steps of the outer loop. All lengths are multiples of it. */
const RUN = 100
const FEW = 100
const MANY = 1_000_000

const ITEMS = {
  int: (i: number) => i,
  float: (i: number) => i + 0.5,
  str: (i: number) => `item ${i % 10}`,
} as const
type Kind = keyof typeof ITEMS

const itemsOf = (kind: Kind, length: number) => Array.from<unknown, number | string>({ length }, (_, i) => ITEMS[kind](i))

function withList(length: number, kind: Kind, body: (list: ShareableList) => Sample): Sample {
  const items = itemsOf(kind, length)
  const list = new ShareableList(items)
  try {
    const sample = body(list)
    // Whether they were read or written, the same items are there afterwards.
    for (const i of [0, length / 2, length - 1]) expectExact('right items', list.get(i) === items[i] ? 1 : 0, 1)
    return sample
  } finally {
    list.close()
    list.unlink()
  }
}

/** Touches the items from one place up to another, and gives a number that depends on all of them. */
type Touch = (from: number, end: number, step: number) => number

/** Runs of items: one behind another around the list, or, scattered, each over all of it and where the last one was not. */
function nsOfRuns(n: number, length: number, scattered: boolean, touch: Touch): number {
  const step = scattered ? length / RUN : 1
  const bound = scattered ? step : length
  const hop = scattered ? 997 : RUN
  let start = 0
  const { ns } = measure(n, (count) => {
    let sum = 0
    for (let done = 0; done < count; done += RUN) {
      sum += touch(start, start + RUN * step, step)
      start = (start + hop) % bound
    }
    return sum
  })
  return ns
}

const accesses = {
  get(list: ShareableList, kind: Kind): Touch {
    const value = kind === 'str' ? (item: unknown) => (item as string).length : (item: unknown) => item as number
    return (from, end, step) => {
      let sum = 0
      for (let i = from; i < end; i += step) sum += value(list.get(i))
      return sum
    }
  },
  set(list: ShareableList, kind: Kind): Touch {
    const items = itemsOf(kind, list.length)
    return (from, end, step) => {
      for (let i = from; i < end; i += step) list.set(i, items[i] as number | string)
      return from
    }
  },
}
type Access = keyof typeof accesses

const brackets = {
  get(list: ShareableList): Touch {
    return (from, end, step) => {
      let sum = 0
      for (let i = from; i < end; i += step) sum += list[i] as number
      return sum
    }
  },
  set(list: ShareableList): Touch {
    return (from, end, step) => {
      for (let i = from; i < end; i += step) list[i] = i
      return from
    }
  },
}

/** Whole ones: 50 batches of them would take CPython a minute. */
function passes(n: number, list: ShareableList): Sample {
  const times: number[] = []
  for (let pass = 0; pass <= n; pass++) {
    const start = performance.now()
    let sum = 0
    for (const item of list) sum += item as number
    times.push(((performance.now() - start) * 1e6) / list.length)
    expectExact('sum of the items', sum, (list.length * (list.length - 1)) / 2)
  }
  return { ns: median(times.slice(1)) }
}

/** get and set, and where it matters get_scattered, get_brackets, …: on one list, as it takes longer to make a large one than to measure it. */
function items(n: number, kind: Kind, length: number): Sample {
  return withList(length, kind, (list) => {
    const sample: Record<string, number> = {}
    for (const access of ['get', 'set'] as const) {
      const touch = accesses[access](list, kind)
      sample[access] = nsOfRuns(n, length, false, touch)
      if (kind !== 'int' || length !== MANY) continue
      sample[`${access}_scattered`] = nsOfRuns(n, length, true, touch)
      sample[`${access}_brackets`] = nsOfRuns(n, length, false, brackets[access](list))
    }
    return sample
  })
}

/** What else has items of several types that another process can read: a store, by index. */
async function withStore(body: (store: Store) => Sample): Promise<Sample> {
  endBySignals()
  const store = openStore(newFolder())
  for (let i = 0; i < FEW; i++) store.putSync(i, i)
  const sample = body(store)
  for (let i = 0; i < FEW; i++) expectExact('an item of the store', store.get(i) as number, i)
  await store.close()
  return sample
}

const storeTouches = {
  get:
    (store: Store): Touch =>
    (from, end) => {
      let sum = 0
      for (let i = from; i < end; i++) sum += store.get(i) as number
      return sum
    },
  set:
    (store: Store): Touch =>
    (from, end) => {
      for (let i = from; i < end; i++) store.putSync(i, i)
      return from
    },
}

const kinds = ['int', 'float', 'str'] as const
const lengths = [FEW, MANY] as const

/** int_100, str_1000000, … */
export const trials: Trials = {
  ...Object.fromEntries(kinds.flatMap((kind) => lengths.map((length) => [`${kind}_${length}`, (n: number) => items(n, kind, length)]))),
  store_get: (n) => withStore((store) => ({ ns: nsOfRuns(n, FEW, false, storeTouches.get(store)) })),
  store_set: (n) => withStore((store) => ({ ns: nsOfRuns(n, FEW, false, storeTouches.set(store)) })),
  iterate_1000000: (n) => withList(MANY, 'int', (list) => passes(n, list)),
}

/** The same trial for the same name: it runs once, whatever it is compared with. */
function once(trial: (name: string) => Trial): (name: string) => Trial {
  const known = new Map<string, Trial>()
  return (name) => {
    const found = known.get(name) ?? trial(name)
    known.set(name, found)
    return found
  }
}

// Multiples of RUN, also divided by 4 for --quick and by 50 into batches.
const ours = once((name) => nodeTrial(import.meta.url, name, some(2_000_000)))
const lmdb = (access: Access) => otherTrial('lmdb', import.meta.url, `store_${access}`, some(20_000))
/** CPython takes seconds to make a large one. */
const cpython = once((name) => pythonTrial('shareable_list.py', name, { full: 40_000, quick: name.endsWith(`_${MANY}`) ? 0 : 10_000 }))

function comparisons(access: Access, kind: Kind, item: string): Comparison[] {
  const few = ours(`${kind}_${FEW}`)
  const many = ours(`${kind}_${MANY}`)
  const theirs = (length: number) => line('CPython', cpython(`${kind}_${length}`), { timesFaster: 8 }, access)
  const stores = kind === 'int' ? [line(`lmdb, ${access === 'get' ? 'get' : 'putSync'}`, lmdb(access))] : []
  return [
    { what: `${access} ${item}, 100 items`, unit: 'ns', lines: [line('ours', few, undefined, access), theirs(FEW), ...stores] },
    {
      what: `${access} ${item}, 1,000,000 items`,
      unit: 'ns',
      // The same but for the cache, which the smaller list fits.
      lines: [line('ours', many, undefined, access), theirs(MANY), line('ours, 100 items', few, { atMostTimes: 1.5 }, access)],
    },
  ]
}

const [ownInts, pythonsInts] = [ours(`int_${MANY}`), cpython(`int_${MANY}`)]

function scattered(access: Access): Comparison {
  const metric = `${access}_scattered`
  return {
    what: `${access} an int here and there, 1,000,000 items: each from another page of memory`,
    unit: 'ns',
    lines: [line('ours', ownInts, undefined, metric), line('CPython', pythonsInts, undefined, metric)],
  }
}

function bracketed(access: Access, what: string): Comparison {
  const lines = [line('ours', ownInts, undefined, `${access}_brackets`), line('CPython', pythonsInts, undefined, access)] as const
  return { what, unit: 'ns', lines: [...lines, line(`ours, ${access}`, ownInts, undefined, access)] }
}

const iterated: Comparison = {
  what: 'for (const item of list), an int of 1,000,000',
  unit: 'ns',
  lines: [
    line('ours', nodeTrial(import.meta.url, 'iterate_1000000', exactly(4))),
    line('CPython', pythonTrial('shareable_list.py', 'iterate_1000000', exactly(1))),
  ],
}

export const question: Question = {
  name: 'shareable-list',
  title: 'An item of a ShareableList',
  comparisons: [
    ...(['get', 'set'] as const).flatMap((access) => [
      ...comparisons(access, 'int', 'an int'),
      ...comparisons(access, 'float', 'a float'),
      ...comparisons(access, 'str', 'a short string'),
    ]),
    scattered('get'),
    scattered('set'),
    bracketed('get', 'list[i], 1,000,000 items'),
    bracketed('set', 'list[i] = x, 1,000,000 items'),
    iterated,
  ],
}
