/** How soon is another process awake that waits, and how soon are we, who wait for its answer? */
import { Condition, Event, Lock, Process, RawValue, Semaphore } from '../../lib/index.js'
import { expectExact, PERCENTILES } from '../measure.js'
import { beside, inTime, PATIENCE_MS, takeCpu, takeOwnCpu, usOfEach, usPerRound } from '../processes.js'
import { type Bar, type Comparison, type Iterations, line, type Question, type Sample, type Trial, type Trials } from '../question.js'
import { cTrial, nodeTrial, otherTrial, pythonTrial, some } from '../trials.js'
import { atomicsTrips, disruptorTrips, messageTrips, postMessageTrips, redisTrips } from '../wakings.js'

/** Asks, and waits for the answer; in the other process, waits to be asked, and answers. */
interface Way<Objects> {
  make(): Objects
  ask(objects: Objects, i: number): void
  hear(objects: Objects, i: number): void
  answer(objects: Objects, i: number): void
}

const way = <Objects>(own: Way<Objects>) => own as Way<unknown>
type Word = RawValue<'c_int'>

function awaitNumber(word: Word, number: number): void {
  while (word.load() !== number) inTime(word.wait(number - 1, PATIENCE_MS) !== 'timed-out')
}

function putNumber(word: Word, number: number): void {
  word.store(number)
  word.notify(1)
}

const ways = {
  semaphore: way({
    make: () => ({ there: Semaphore(0), back: Semaphore(0) }),
    ask({ there, back }) {
      there.release()
      inTime(back.acquire(PATIENCE_MS))
    },
    hear: ({ there }) => inTime(there.acquire(PATIENCE_MS)),
    answer: ({ back }) => back.release(),
  }),
  event: way({
    make: () => ({ there: Event(), back: Event() }),
    ask({ there, back }) {
      there.set()
      inTime(back.wait(PATIENCE_MS))
      back.clear()
    },
    hear({ there }) {
      inTime(there.wait(PATIENCE_MS))
      there.clear()
    },
    answer: ({ back }) => back.set(),
  }),
  condition: way({
    make: () => ({ changed: Condition(Lock()), theirs: RawValue('c_int') }),
    ask({ changed, theirs }) {
      changed.acquire()
      theirs.value = 1
      changed.notify()
      while (theirs.value === 1) inTime(changed.wait(PATIENCE_MS))
      changed.release()
    },
    hear({ changed, theirs }) {
      changed.acquire()
      while (theirs.value === 0) inTime(changed.wait(PATIENCE_MS))
    },
    answer({ changed, theirs }) {
      theirs.value = 0
      changed.notify()
      changed.release()
    },
  }),
  value: way({
    make: () => ({ there: RawValue('c_int'), back: RawValue('c_int') }),
    ask({ there, back }, i) {
      putNumber(there, i)
      awaitNumber(back, i)
    },
    hear: ({ there }, i) => awaitNumber(there, i),
    answer: ({ back }, i) => putNumber(back, i),
  }),
}
type WayName = keyof typeof ways
/** Each on a CPU of its own, or both on one. */
type Place = 'apart' | 'together'

/** The other process. Counts its answers. */
export function answerAll(name: WayName, place: Place, objects: unknown, answers: Word, last: number): void {
  if (place === 'apart') takeOwnCpu(1)
  const { hear, answer } = ways[name]
  for (let i = 1; i <= last; i++) {
    hear(objects, i)
    answers.value = i
    answer(objects, i)
  }
}

const trips =
  (name: WayName, place: Place, us = usPerRound) =>
  (n: number): Promise<Sample> => {
    const { make, ask } = ways[name]
    const objects = make()
    const answers = RawValue('c_int')
    if (place === 'together') takeCpu(0)
    const child = new Process(answerAll, [name, place, objects, answers, n], { module: import.meta.url }).start()
    if (place === 'apart') takeOwnCpu(0)
    return beside([child], () =>
      us(n, (i) => {
        ask(objects, i)
        expectExact('answers', answers.value, i)
      }),
    )
  }

export const trials = {
  semaphore_apart: trips('semaphore', 'apart'),
  semaphore_together: trips('semaphore', 'together'),
  event_apart: trips('event', 'apart'),
  event_together: trips('event', 'together'),
  condition_apart: trips('condition', 'apart'),
  condition_together: trips('condition', 'together'),
  value_apart: trips('value', 'apart'),
  value_together: trips('value', 'together'),
  semaphore_apart_each: trips('semaphore', 'apart', usOfEach),
  messageJson: (n) => messageTrips(import.meta.url, 'messageJson', n),
  messageAdvanced: (n) => messageTrips(import.meta.url, 'messageAdvanced', n, { serialization: 'advanced' }),
  messageJson_each: (n) => messageTrips(import.meta.url, 'messageJson_each', n, { each: true }),
  postMessage: postMessageTrips,
  atomics: atomicsTrips,
  redis: redisTrips,
  disruptor: disruptorTrips,
} satisfies Trials

// Where nobody sleeps a trip takes so little that the compiler needs many of them to get ready.
const ours = (name: WayName, place: Place) => nodeTrial(import.meta.url, `${name}_${place}`, some(100_000))
const semaphoreApart = ours('semaphore', 'apart')
const c = (name: WayName, place: Place) => cTrial('wake_up.c', `${name}_${place}`, some(20_000))
const looking = (name: WayName) => cTrial('wake_up.c', `${name}_apart_looking`, some(100_000))

/** Apart, ours looks before it sleeps: one that sleeps at once is no limit to that. Together nobody can. */
const limits = (name: WayName, place: Place) =>
  place === 'apart'
    ? [
        line('C, futex, looks first for as long as ours', looking(name), undefined, 'us'),
        line('C, futex, sleeps at once', c(name, place), undefined, 'us'),
      ]
    : [line('C, futex, sleeps at once', c(name, place), { atMostTimes: 2 }, 'us')]
const python = (name: WayName, place: Place) => pythonTrial('wake_up.py', `${name}_${place}`, some(10_000))

function comparisons(place: Place, where: string): Comparison[] {
  const pythonsCondition = python('condition', place)
  const comparison = (name: WayName, what: string, pythons: [string, Trial], bar?: Bar): Comparison => ({
    what: `${what}, ${where}`,
    unit: 'µs',
    lines: [
      line('ours', name === 'semaphore' && place === 'apart' ? semaphoreApart : ours(name, place), undefined, 'us'),
      ...limits(name, place),
      line(`CPython, ${pythons[0]}`, pythons[1], bar, 'us'),
    ],
  })
  const bar = { timesFaster: 2 }
  // On one CPU nearly all of it is the switches between the processes, CPython's semaphores included: even C is hardly twice as fast.
  const barApart = place === 'apart' ? bar : undefined
  return [
    comparison('semaphore', 'two Semaphores', ['Semaphore', python('semaphore', place)], barApart),
    comparison('event', 'two Events, cleared each time', ['Event', python('event', place)], bar),
    comparison('condition', 'Condition(Lock()) and whose turn it is', ['Condition', pythonsCondition], barApart),
    comparison('value', "RawValue's wait and notify", ['Condition', pythonsCondition], bar),
  ]
}

const other = (who: string, name: keyof typeof trials, iterations: Iterations) => otherTrial(who, import.meta.url, name, iterations)

const others: Comparison = {
  what: 'by what else there is, each on a CPU of its own',
  unit: 'µs',
  lines: [
    line('ours, two Semaphores', semaphoreApart, undefined, 'us'),
    line('Node, worker thread, Atomics.wait and notify', other('Node', 'atomics', some(20_000)), undefined, 'us'),
    line('Node, worker thread, postMessage', other('Node', 'postMessage', some(10_000)), undefined, 'us'),
    line('Node, child.send, JSON', other('Node', 'messageJson', some(6_000)), undefined, 'us'),
    line("Node, child.send, serialization: 'advanced'", other('Node', 'messageAdvanced', some(6_000)), undefined, 'us'),
    line('redis, LPUSH and BLPOP', other('redis', 'redis', some(1_200)), undefined, 'us'),
    line('shared-memory-disruptor, two of them, both spin', other('shared-memory-disruptor', 'disruptor', some(4_000)), undefined, 'us'),
  ],
}

const each = {
  ours: nodeTrial(import.meta.url, 'semaphore_apart_each', some(100_000)),
  c: cTrial('wake_up.c', 'semaphore_apart_each', some(20_000)),
  looking: cTrial('wake_up.c', 'semaphore_apart_looking_each', some(100_000)),
  // Less its warm-up, 10,800: p99.99 of fewer than 10,000 is hardly more than the longest.
  python: pythonTrial('wake_up.py', 'semaphore_apart_each', some(12_000)),
  message: other('Node', 'messageJson_each', some(6_000)),
}

function distributed(what: string, metric: string, withMessages = true): Comparison {
  return {
    what: `two Semaphores, each on a CPU of its own, ${what} of the trips`,
    unit: 'µs',
    lines: [
      line('ours', each.ours, undefined, metric),
      line('C, futex, looks first', each.looking, undefined, metric),
      line('C, futex, sleeps at once', each.c, undefined, metric),
      line('CPython, Semaphore', each.python, undefined, metric),
      ...(withMessages ? [line('Node, child.send, JSON', each.message, undefined, metric)] : []),
    ],
  }
}

const distribution: Comparison[] = [
  ...PERCENTILES.map((percentile) => ({
    // There are too few messages for the last one.
    ...distributed(`p${percentile}`, `p${percentile}`, percentile < 99.99),
    point: { curve: 'wake-up.latency', x: percentile },
  })),
  distributed('the longest', 'max'),
]

export const question: Question = {
  name: 'wake-up',
  title: 'To wake another process and be woken by it',
  comparisons: [
    ...comparisons('apart', 'each on a CPU of its own'),
    ...comparisons('together', 'both on one CPU'),
    others,
    ...distribution,
  ],
}
