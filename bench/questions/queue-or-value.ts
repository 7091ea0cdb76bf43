/**
 * Is a shared Value ahead of a queue? A child writes 10,000 numbers: each into a Value under a Lock, or each to its parent. From "Shared Memory and
 * Ctypes", whose author found CPython's Value 5 to 20 times as fast as its Queue. (As printed there it hangs: nobody takes from the Queue before
 * join(), and 10,000 ints fill its pipe. Here the parent takes them all.)
 */
import { type ChildProcess, fork, type SerializationType } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { Lock, Process, RawArray, RawValue } from '../../lib/index.js'
import { expectExact, median } from '../measure.js'
import { type Comparison, line, type Question, type Sample, type Trials } from '../question.js'
import type { ComparisonResult } from '../run.js'
import { endBySignals, newFolder, openStore } from '../store.js'
import { cTrial, nodeTrial, otherTrial, pythonTrial } from '../trials.js'
import { COUNT, nowMs, type Told } from '../writer.js'

const SUM = (COUNT * (COUNT - 1)) / 2
/** Times in one child, of which the first is not counted. */
const AGAIN = 5

/** ms from before the child's start to its end, and ms that it took for each of its times. */
interface Went {
  readonly whole: number
  readonly each: readonly number[]
}
type Go = (times: number) => Promise<Went>

/** The child's target. */
export function write(word: RawValue<'c_int'>, lock: Lock, each: RawArray<'c_double'>): void {
  for (let time = 0; time < each.length; time++) {
    const start = nowMs()
    for (let i = 0; i < COUNT; i++) {
      lock.withLock(() => {
        word.value = i
      })
    }
    each[time] = nowMs() - start
  }
}

const byValue: Go = async (times) => {
  const begin = nowMs()
  const word = RawValue('c_int')
  const each = RawArray('c_double', times)
  const child = new Process(write, [word, Lock(), each], { module: import.meta.url }).start()
  await child.join()
  const whole = nowMs() - begin
  expectExact('exit code of the child', child.exitcode ?? Number.NaN, 0)
  expectExact('the last number written', word.value, COUNT - 1)
  return { whole, each: [...each] }
}

const program = fileURLToPath(new URL('../writer.js', import.meta.url))
const child = (serialization: SerializationType, how = 'send', path = '') => {
  return (times: number) => fork(program, [how, String(times), path], { serialization })
}
const thread = (times: number) => new Worker(program, { argv: ['post', String(times)] })

/** Takes what it tells, all times, and waits for its end. */
const byMessages =
  (start: (times: number) => ChildProcess | Worker): Go =>
  async (times) => {
    const begin = nowMs()
    const source = start(times)
    const each: number[] = []
    let begun = 0
    let sum = 0
    const ended = (at: number) => {
      each.push(at - begun)
      if (each.length === times) return
      if (source instanceof Worker) source.postMessage('next')
      else source.send('next')
    }
    source.on('message', (told: Told) => {
      if (typeof told === 'number') {
        sum += told
        if (told === COUNT - 1) ended(nowMs())
      } else if ('begun' in told) begun = told.begun
      else ended(told.ended)
    })
    // Messages may still be under way when it has ended.
    await Promise.all([once(source, 'exit'), source instanceof Worker || once(source, 'disconnect')])
    const whole = nowMs() - begin
    expectExact('times that the numbers came', each.length, times)
    // A store's writer sends no numbers.
    if (sum > 0) expectExact('sum of the numbers', sum, SUM * times)
    return { whole, each }
  }

const byStore = (how: 'put' | 'putSync') => async (n: number) => {
  endBySignals()
  const path = newFolder()
  const sample = await measured(byMessages(child('json', how, path)))(n)
  const store = openStore(path)
  expectExact('the last number written', store.get('value') as number, COUNT - 1)
  await store.close()
  return sample
}

/** Medians over n children; the first one, which is not counted, reads its program from disk. */
const measured =
  (go: Go) =>
  async (n: number): Promise<Sample> => {
    await go(1)
    const all: Went[] = []
    for (let i = 0; i < n; i++) all.push(await go(1))
    const again = (await go(AGAIN)).each.slice(1)
    return { whole: median(all.map(({ whole }) => whole)), alone: median(all.flatMap(({ each }) => each)), again: median(again) }
  }

export const trials = {
  value: measured(byValue),
  json: measured(byMessages(child('json'))),
  advanced: measured(byMessages(child('advanced'))),
  worker: measured(byMessages(thread)),
  put: byStore('put'),
  putSync: byStore('putSync'),
} satisfies Trials

const times = { full: 2, quick: 1 }
const ours = nodeTrial(import.meta.url, 'value', times)
const node = (name: keyof typeof trials) => otherTrial('Node', import.meta.url, name, times)
const lmdb = (name: keyof typeof trials) => otherTrial('lmdb', import.meta.url, name, times)
const cpython = (name: string) => pythonTrial('queue_or_value.py', name, times)

const VALUE = 'CPython, RawValue and Lock'
const PRINTED = 'CPython, as printed: Value, which has a lock of its own, and Lock'
const QUEUE = 'CPython, Queue'
const [sendJson, sendAdvanced] = ['child.send, JSON', 'child.send, advanced serialization']

const trialsOf = [
  ['C, a robust mutex, fork', cTrial('queue_or_value.c', 'value', times)],
  [VALUE, cpython('value_fork')],
  [PRINTED, cpython('printed_fork')],
  [QUEUE, cpython('queue_fork')],
  [sendJson, node('json')],
  [sendAdvanced, node('advanced')],
  ['worker.postMessage', node('worker')],
  ['lmdb, put, the last awaited', lmdb('put')],
  ['lmdb, putSync each', lmdb('putSync')],
] as const
const spawned = [
  [`${VALUE}, spawn`, cpython('value_spawn')],
  [`${QUEUE}, spawn`, cpython('queue_spawn')],
] as const

function comparison(what: string, metric: string, others: typeof trialsOf | readonly [...typeof trialsOf, ...typeof spawned]): Comparison {
  const lines = others.map(([label, trial]) => line(label, trial, undefined, metric))
  return { what, unit: 'ms', lines: [line('ours, RawValue and Lock', ours, undefined, metric), ...lines] }
}

const figure = (ratio: number) => ratio.toFixed(ratio < 10 ? 1 : 0)

/** How many times as long as the Values the queues take: what the author measured. */
function conclude([whole, alone, again]: readonly ComparisonResult[]): string[] {
  const told = [
    ['with the start of the process', whole],
    ['without it', alone],
    ['without it, again', again],
  ] as const
  const cases = told.map(([name, comparison]) => {
    const ms = (label: string) => comparison?.lines.find((each) => each.label === label)?.median ?? Number.NaN
    const ratio = (queue: string, value: string) => figure(ms(queue) / ms(value))
    const mine = comparison?.lines[0]?.label ?? ''
    return `${name}: CPython ${ratio(QUEUE, VALUE)} (as printed ${ratio(QUEUE, PRINTED)}), ours against child.send ${ratio(sendJson, mine)} (advanced ${ratio(sendAdvanced, mine)})`
  })
  return ['Times that a queue takes as long as a Value; the author found 5 to 20:', ...cases.map((each) => `  ${each}`)]
}

export const question: Question = {
  name: 'queue-or-value',
  title: '10,000 numbers from a child: written into a Value under a Lock, or sent',
  comparisons: [
    comparison("with the child's start and end", 'whole', [...trialsOf, ...spawned]),
    comparison('without them, in a child that has just started', 'alone', trialsOf),
    comparison('again, in the same child', 'again', trialsOf),
  ],
  conclude,
}
