/**
 * Does it cost more where more processes have an object open? 1 to 64 that sleep: to take and release a lock beside them, to attach to it as the next
 * one, and to wake them all.
 */
import { fileURLToPath } from 'node:url'
import { attach, Event, type Handle, RawValue, Semaphore, Value } from '../../lib/index.js'
import { untilAsleep } from '../asleep.js'
import { expectExact, measure, median } from '../measure.js'
import { Partner } from '../partner.js'
import { inTime, PATIENCE_MS } from '../processes.js'
import { type Comparison, line, type Question, type Sample, type Trials } from '../question.js'
import { cTrial, nodeTrial, otherTrial, pythonTrial } from '../trials.js'

const COUNTS = [1, 2, 4, 8, 16, 32, 64] as const
const USES = 50_000
/** How often all are woken beside so many; the first ones are not counted. */
const ROUNDS = 9
const WARM_UPS = 2
/** As long as a trial may take: most of it they sleep, while others are started. */
const SLEEP_MS = 120_000

interface Shared {
  readonly counter: Value<'c_int'>
  /** Each round is another's turn, so that the one before can be cleared while nobody waits for it. */
  readonly events: readonly [Event, Event]
  readonly arrived: RawValue<'c_int'>
  /** How many must have arrived, and where the last one says so. */
  readonly count: RawValue<'c_int'>
  readonly all: Semaphore
}

const made = (): Shared => ({
  counter: Value('c_int', 0),
  events: [Event(), Event()],
  arrived: RawValue('c_int'),
  count: RawValue('c_int'),
  all: Semaphore(0),
})

interface Order {
  readonly handles: { readonly [Name in keyof Shared]: Name extends 'events' ? readonly [Handle, Handle] : Handle }
  readonly round: number
}

interface Attached {
  readonly us: number
  readonly pid: number
}

/** The sleeper: attaches when it is told, and waits for events from then on, until it is killed. */
async function sleeper(): Promise<Sample> {
  process.on('message', ({ handles, round }: Order) => {
    const start = performance.now()
    attach(handles.counter)
    const us = (performance.now() - start) * 1e3
    const [first, second] = handles.events
    const events = [attach<Event>(first), attach<Event>(second)]
    const shared = {
      arrived: attach<Shared['arrived']>(handles.arrived),
      count: attach<Shared['count']>(handles.count),
      all: attach<Semaphore>(handles.all),
    }
    // Behind its answer: no message leaves this process while it waits.
    process.send?.({ us, pid: process.pid } satisfies Attached, undefined, undefined, () => {
      for (let next = round; ; next++) {
        // Its parent may have been killed, and will wake nobody then.
        if (events[next % 2]?.wait(SLEEP_MS) !== true) process.exit(1)
        if (shared.arrived.add(1) + 1 === shared.count.load()) shared.all.release()
      }
    })
  })
  process.send?.('ready')
  return new Promise(() => {})
}

/** µs to wake them all, until the last of them says so. */
function wake({ events, arrived, count, all }: Shared, pids: readonly number[], round: number): number {
  events[(round + 1) % 2]?.clear()
  untilAsleep(pids, PATIENCE_MS)
  arrived.store(0)
  count.store(pids.length)
  const start = performance.now()
  events[round % 2]?.set()
  inTime(all.acquire(PATIENCE_MS))
  const us = (performance.now() - start) * 1e3
  expectExact('sleepers that were woken', arrived.load(), pids.length)
  return us
}

function used({ counter }: Shared): number {
  const { ns } = measure(USES, (times) => {
    for (let i = 0; i < times; i++) {
      counter.acquire()
      counter.release()
    }
    return times
  })
  return ns
}

/** So many more partners, all of them started. */
async function more(count: number, start: () => Partner): Promise<Partner[]> {
  const partners = Array.from({ length: count }, start)
  await Promise.all(partners.map((each) => each.answer()))
  return partners
}

const withPartners = async (body: (partners: Partner[]) => Promise<Sample>): Promise<Sample> => {
  const partners: Partner[] = []
  try {
    return await body(partners)
  } finally {
    for (const each of partners) each.stop()
  }
}

/** use_1, attach_1, wake_1, … for all counts; those above the limit are left out. */
async function forCounts(limit: number, metrics: readonly string[], at: (count: number) => Promise<Sample>): Promise<Sample> {
  const sample: Record<string, number | null> = {}
  for (const count of COUNTS) {
    const found = count > limit ? undefined : await at(count)
    for (const metric of metrics) sample[`${metric}_${count}`] = found?.[metric] ?? null
  }
  return sample
}

const ours = (limit: number) =>
  withPartners(async (partners) => {
    const shared = made()
    const { counter, events, arrived, count, all } = shared
    const [first, second] = events
    const handles: Order['handles'] = {
      counter: counter.toJSON(),
      events: [first.toJSON(), second.toJSON()],
      arrived: arrived.toJSON(),
      count: count.toJSON(),
      all: all.toJSON(),
    }
    const pids: number[] = []
    let round = 0
    return forCounts(limit, ['use', 'attach', 'wake'], async (size) => {
      const next = await more(size - partners.length, () => Partner.process({ url: import.meta.url, trial: 'sleeper' }))
      partners.push(...next)
      const attached: number[] = []
      for (const partner of next) {
        const { us, pid } = await partner.ask<Attached>({ handles, round } satisfies Order)
        attached.push(us)
        pids.push(pid)
      }
      const woken = Array.from({ length: WARM_UPS + ROUNDS }, () => wake(shared, pids, round++))
      return { use: used(shared), attach: median(attached), wake: median(woken.slice(WARM_UPS)) }
    })
  })

const echo = fileURLToPath(new URL('../echo.js', import.meta.url))

/** What comes with Node: a message to each, and their answers. */
const messages = (limit: number) =>
  withPartners((partners) =>
    forCounts(limit, ['wake'], async (size) => {
      while (partners.length < size) partners.push(Partner.process(echo))
      const woken: number[] = []
      for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
        const start = performance.now()
        const answers = await Promise.all(partners.map((each) => each.ask<number>(round)))
        woken.push((performance.now() - start) * 1e3)
        expectExact('answers', answers.filter((each) => each === round).length, size)
      }
      return { wake: median(woken.slice(WARM_UPS)) }
    }),
  )

export const trials = { ours, sleeper, messages } satisfies Trials

const limit = { full: 64, quick: 8 }
const own = nodeTrial(import.meta.url, 'ours', limit)
const c = cTrial('growth_processes.c', 'all', limit)
const cpython = pythonTrial('growth_processes.py', 'all', limit)
const sent = otherTrial('Node', import.meta.url, 'messages', limit)

function comparisons(count: number): Comparison[] {
  const beside = count === 1 ? '1 process attached' : `${count} processes attached`
  const of = (metric: string) => `${metric}_${count}`
  const point = (metric: string) => ({ curve: `growth-processes.${metric}`, x: count })
  return [
    {
      what: `${beside}, acquire and release beside them`,
      unit: 'ns',
      point: point('use'),
      lines: [
        line("ours, a Value's lock", own, undefined, of('use')),
        line('C, a robust mutex', c, undefined, of('use')),
        line("CPython, a Value's lock", cpython, undefined, of('use')),
      ],
    },
    {
      what: `${beside}, to be one more (the median of those since half as many)`,
      unit: 'µs',
      point: point('attach'),
      lines: [
        line('ours, a Value by handle', own, undefined, of('attach')),
        line("CPython, a SharedMemory by name, as a Value can't", cpython, undefined, of('attach')),
      ],
    },
    {
      what: `${beside} and asleep, until the last is awake`,
      unit: 'µs',
      point: point('wake'),
      lines: [
        line('ours, event.set()', own, undefined, of('wake')),
        line('C, one futex', c, undefined, of('wake')),
        line('CPython, event.set()', cpython, undefined, of('wake')),
        line('child.send to each, and their answers', sent, undefined, of('wake')),
      ],
    },
  ]
}

export const question: Question = {
  name: 'growth-processes',
  title: 'Beside 1 to 64 other processes',
  comparisons: COUNTS.flatMap(comparisons),
}
