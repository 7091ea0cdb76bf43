/**
 * How soon has another process read bytes that we have, 1 KiB to 1 GiB of them? It is there all the time, looks at one byte of each page and
 * answers with their sum. The bytes are there before the clock starts, and one of them is another each time.
 */
import type { SerializationType } from 'node:child_process'
import { attachedBefore, attachedEachTime, copiedIn, obey, readAtGate, toldBySemaphore } from '../hand-over/ours.js'
import { byKey, obeyKeys, obeyStore, put } from '../hand-over/packages.js'
import { posted, postedShared, type Returned, received, type Sent, sentAs, transferred } from '../hand-over/sent.js'
import { allSizes, EFFORT, GIB, type Limits, MIB, type Prepare, sumOfPages, TIMES } from '../hand-over/sizes.js'
import { answerAll, Partner } from '../partner.js'
import { type Comparison, type Line, line, type Question, type Trial, type Trials } from '../question.js'
import { endBySignals, newFolder, openStore } from '../store.js'
import { cTrial, missingTrial, nodeTrial, otherTrial, pythonTrial } from '../trials.js'

const here = import.meta.url
const child = (trial: string, serialization?: SerializationType) => () => Partner.process({ url: here, trial }, serialization)
const thread = (trial: string) => () => Partner.worker({ url: here, trial })

const way = (partner: () => Partner, prepare: Prepare, limits?: Limits) => (n: number) => {
  endBySignals()
  return allSizes(n, partner(), prepare, limits)
}

const asItIs = (bytes: Buffer) => bytes
const asBase64 = (bytes: Buffer) => bytes.toString('base64')
const jsonLimit = MIB
/** For what copies several times. */
const copyLimit = 64 * MIB

export const trials: Trials = {
  partner_ours: () => answerAll(obey),
  partner_gates: () => answerAll(readAtGate),
  partner_sent: () => answerAll((sent: Sent) => sumOfPages(received(sent))),
  partner_transferred: () =>
    answerAll(
      (bytes: Returned['bytes']): Returned => ({ sum: sumOfPages(bytes), bytes }),
      ({ bytes }) => [bytes.buffer],
    ),
  partner_keys: () => answerAll(obeyKeys()),
  partner_store: () => answerAll(obeyStore()),
  before: way(child('partner_ours'), attachedBefore),
  eachTime: way(child('partner_ours'), attachedEachTime),
  copiedIn: way(child('partner_ours'), copiedIn),
  semaphore: way(child('partner_gates'), toldBySemaphore),
  json: way(child('partner_sent'), sentAs(asItIs), { upTo: jsonLimit }),
  base64: way(child('partner_sent'), sentAs(asBase64), { upTo: copyLimit }),
  advanced: way(child('partner_sent', 'advanced'), sentAs(asItIs), { copies: true }),
  posted: way(thread('partner_sent'), posted, { upTo: copyLimit }),
  postedShared: way(thread('partner_sent'), postedShared),
  transferred: way(thread('partner_transferred'), transferred),
  keyBefore: way(child('partner_keys'), byKey('keep')),
  keyEachTime: way(child('partner_keys'), byKey('once')),
  async store(n) {
    endBySignals()
    const path = newFolder()
    const store = openStore(path, 'binary')
    const partner = child('partner_store')()
    await partner.ask({ path })
    const sample = await allSizes(n, partner, put(store), { upTo: copyLimit })
    await store.close()
    return sample
  },
}

const ours = (name: string) => nodeTrial(here, name, EFFORT)
const node = (name: string) => otherTrial('Node', here, name, EFFORT)
const cpython = (name: string) => pythonTrial('hand_over.py', name, EFFORT)
const shmTypedArray = (name: string) => otherTrial('shm-typed-array', here, name, EFFORT)

interface Way {
  readonly label: string
  readonly trial: Trial
  readonly upTo?: number
  /** Why it goes no further. */
  readonly beyond?: string
}

const elsewhere = 'it takes a second and more: asked in one-gigabyte'

const WAYS: readonly [Way, ...Way[]] = [
  { label: 'ours, attached before, told by a message', trial: ours('before') },
  { label: 'ours, attached and closed each time, handle in the message', trial: ours('eachTime') },
  { label: 'ours, attached before, told by a Semaphore', trial: ours('semaphore') },
  { label: 'ours, attached before, bytes copied in each time', trial: ours('copiedIn') },
  { label: 'C, mmap before, told through a pipe', trial: cTrial('hand_over.c', 'before', EFFORT) },
  {
    label: 'child.send of a Buffer, JSON',
    trial: node('json'),
    upTo: jsonLimit,
    beyond: 'each byte becomes up to four characters: 64 MiB take seconds, and 1 GiB is longer than any string of V8',
  },
  {
    label: 'child.send of base64, JSON',
    trial: node('base64'),
    upTo: copyLimit,
    beyond: '1 GiB is longer as base64 than any string of V8',
  },
  { label: 'child.send of a Buffer, advanced serialization', trial: node('advanced') },
  { label: 'worker.postMessage, a copy', trial: node('posted'), upTo: copyLimit, beyond: elsewhere },
  { label: 'worker.postMessage, transferred there and back', trial: node('transferred') },
  { label: 'worker.postMessage of a SharedArrayBuffer', trial: node('postedShared') },
  { label: 'shm-typed-array, got before, told by a message', trial: shmTypedArray('keyBefore') },
  { label: 'shm-typed-array, got and detached each time, key in the message', trial: shmTypedArray('keyEachTime') },
  {
    label: 'lmdb, putSync here, getBinaryFast there',
    trial: otherTrial('lmdb', here, 'store', EFFORT),
    upTo: copyLimit,
    beyond: 'a value of 1 GiB takes seconds to write',
  },
  { label: 'CPython, SharedMemory attached before, told through a Pipe', trial: cpython('before') },
  { label: 'CPython, SharedMemory by name each time', trial: cpython('each_time') },
  { label: 'CPython, Pipe, send_bytes', trial: cpython('pipe'), upTo: copyLimit, beyond: elsewhere },
  { label: 'CPython, Queue', trial: cpython('queue'), upTo: copyLimit, beyond: elsewhere },
]

function lineOf({ label, trial, upTo = GIB, beyond = '' }: Way, size: number): Line {
  return line(label, size > upTo ? missingTrial(trial.who, beyond) : trial, undefined, `us_${size}`)
}

const NAMES = ['1 KiB', '64 KiB', '1 MiB', '64 MiB', '1 GiB'] as const

function comparison(size: number, place: number): Comparison {
  const [first, ...others] = WAYS
  const what = size === GIB ? '1 GiB; by child.send once and without a warm-up' : (NAMES[place] as string)
  const lines = [lineOf(first, size), ...others.map((each) => lineOf(each, size))] as const
  return { what, unit: 'µs', point: { curve: 'hand-over', x: size }, lines }
}

export const question: Question = {
  name: 'hand-over',
  title: 'Bytes handed over to another process that is there and reads a byte of each page, and its answer',
  comparisons: [...TIMES.keys()].map(comparison),
}
