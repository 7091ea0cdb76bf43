/** How else one can wake another and be woken: a number there and back, each side on a CPU of its own. */
import type { SerializationType } from 'node:child_process'
import { once } from 'node:events'
import { unlinkSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { Process } from '../lib/index.js'
import { expectExact } from './measure.js'
import { answerAll, Partner } from './partner.js'
import { loadPeer } from './peers.js'
import { beside, expectOnCpus, takeCpu, usOfEachAsync, usPerRound, usPerRoundAsync } from './processes.js'
import type { Sample } from './question.js'
import { connectRedis, startRedis } from './redis.js'

/** `name` of the trials at `url` must be this function, with the same arguments. */
export async function messageTrips(
  url: string,
  name: string,
  n: number,
  { serialization = 'json', each = false }: { serialization?: SerializationType; each?: boolean } = {},
): Promise<Sample> {
  if (process.send !== undefined) {
    takeCpu(1)
    return answerAll((number) => number)
  }
  const other = Partner.process({ url, trial: name }, serialization)
  await other.ask(0) // it has its CPU
  takeCpu(0)
  const sample = await (each ? usOfEachAsync : usPerRoundAsync)(n, async (i) => {
    expectExact('answer', await other.ask<number>(i), i)
  })
  await other.stop()
  return sample
}

const THERE = 0
const BACK = 16

/** In a loop: the notify of the round before may come late, and wake this one's wait. */
function awaitNumber(words: Int32Array, at: number, number: number): void {
  while (Atomics.load(words, at) !== number) Atomics.wait(words, at, number - 1)
}

/** The other thread, started by what follows. */
function answerInThread(): void {
  const { words, last } = workerData as { words?: Int32Array; last: number }
  if (words === undefined) {
    parentPort?.on('message', (number) => parentPort?.postMessage(number))
    return
  }
  parentPort?.postMessage('ready')
  for (let i = 1; i <= last; i++) {
    awaitNumber(words, THERE, i)
    Atomics.store(words, BACK, i)
    Atomics.notify(words, BACK)
  }
}
if (!isMainThread) answerInThread()

/** A thread is started on the CPU of the one that starts it. */
function startThread(data: object): Worker {
  takeCpu(1)
  return new Worker(new URL(import.meta.url), { workerData: data })
}

export async function postMessageTrips(n: number): Promise<Sample> {
  const worker = startThread({})
  let settle: (answer: number) => void = () => {}
  const ask = (number: number) =>
    new Promise<number>((resolve) => {
      settle = resolve
      worker.postMessage(number)
    })
  worker.on('message', (answer) => settle(answer))
  await ask(0)
  takeCpu(0)
  expectOnCpus([0, 1])
  const sample = await usPerRoundAsync(n, async (i) => expectExact('answer', await ask(i), i))
  await worker.terminate()
  return sample
}

export async function atomicsTrips(n: number): Promise<Sample> {
  const words = new Int32Array(new SharedArrayBuffer(128))
  const worker = startThread({ words, last: n })
  await once(worker, 'message')
  takeCpu(0)
  expectOnCpus([0, 1])
  const sample = usPerRound(n, (i) => {
    Atomics.store(words, THERE, i)
    Atomics.notify(words, THERE)
    awaitNumber(words, BACK, i)
    expectExact('answer', words[BACK] as number, i)
  })
  await once(worker, 'exit')
  return sample
}

/** The other process. */
export async function answerOverRedis(port: number, last: number): Promise<void> {
  takeCpu(1)
  const client = await connectRedis(port)
  for (let i = 1; i <= last; i++) {
    const asked = await client.blPop('there', 0)
    await client.lPush('back', asked?.element ?? '')
  }
  client.destroy()
}

export async function redisTrips(n: number): Promise<Sample> {
  const port = await startRedis()
  const child = new Process(answerOverRedis, [port, n], { module: import.meta.url }).start()
  takeCpu(0)
  const client = await connectRedis(port)
  const sample = await usPerRoundAsync(n, async (i) => {
    // Both at once: the reply to the first is nothing to wait for.
    const [, answer] = await Promise.all([client.lPush('there', `${i}`), client.blPop('back', 0)])
    expectExact('answer', Number(answer?.element), i)
  })
  client.destroy()
  return beside([child], () => sample)
}

type Disruptor = new (
  name: string,
  elements: number,
  elementBytes: number,
  consumers: number,
  consumer: number,
  init: boolean,
  spin: boolean,
) => {
  produceClaimSync(): Buffer
  produceCommitSync(): boolean
  consumeNewSync(): Buffer[]
  consumeCommit(): boolean
}

const ELEMENTS = 16

/** A way into a queue, and a way out of one. */
function disruptors(into: string, outOf: string, init: boolean): { put(number: number): void; take(): number } {
  const { Disruptor } = loadPeer<{ Disruptor: Disruptor }>('shared-memory-disruptor')
  const producer = new Disruptor(into, ELEMENTS, 4, 1, -1, init, true)
  const consumer = new Disruptor(outOf, ELEMENTS, 4, 1, 0, init, true)
  return {
    put(number) {
      producer.produceClaimSync().writeUInt32LE(number)
      producer.produceCommitSync()
    },
    take() {
      const number = consumer.consumeNewSync()[0]?.readUInt32LE() ?? Number.NaN
      consumer.consumeCommit()
      return number
    },
  }
}

/** The other process. Sends a 0 first: it is there. */
export function answerByDisruptor(there: string, back: string, last: number): void {
  takeCpu(1)
  const { put, take } = disruptors(back, there, false)
  put(0)
  for (let i = 1; i <= last; i++) put(take())
}

export async function disruptorTrips(n: number): Promise<Sample> {
  const [there, back] = [`/sharedctypes-bench-${process.pid}-there`, `/sharedctypes-bench-${process.pid}-back`]
  const { put, take } = disruptors(there, back, true)
  const child = new Process(answerByDisruptor, [there, back, n], { module: import.meta.url }).start()
  takeCpu(0)
  return beside([child], () => {
    expectExact('first word', take(), 0)
    for (const name of [there, back]) unlinkSync(`/dev/shm${name}`)
    return usPerRound(n, (i) => {
      put(i)
      expectExact('answer', take(), i)
    })
  })
}
