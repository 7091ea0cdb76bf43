/** Two processes, or worker threads, that are there all the time, and double what they are sent, or told of. */
import { once } from 'node:events'
import { parentPort } from 'node:worker_threads'
import { attach, type Handle, ShareableList, type Array as SharedArray } from '../lib/index.js'
import { answerAll, type Partner } from './partner.js'
import { type Part, parts } from './parts.js'
import { PATIENCE_MS } from './processes.js'
import type { Sample } from './question.js'

const WORKERS = 2

/** What both sides share; with a gate for each worker, and one at which all say that they have done their part. */
export interface Shared {
  readonly data: Handle
  readonly gates?: readonly Handle[]
  readonly done?: Handle
}

/** The part of each. */
export const shares = (length: number): Part[] => parts(length, WORKERS)

interface Gate {
  acquire(timeout?: number): boolean
  release(): void
}

/** The gates' side of the team: opens the way for all, and waits for all. It blocks this thread, as theirs are blocked between. */
export function throughGates(gates: readonly Gate[], done: Gate): void {
  for (const gate of gates) gate.release()
  for (const _ of gates) if (!done.acquire(PATIENCE_MS)) throw new Error(`a worker did not answer within ${PATIENCE_MS} ms`)
}

const doubled = (numbers: readonly number[]) => numbers.map((each) => 2 * each)

function doubler({ data }: Shared): (part: Part) => void {
  const shared = attach<ShareableList | SharedArray<'c_int'>>(data)
  if (shared instanceof ShareableList) {
    return ({ from, to }) => {
      for (let i = from; i < to; i++) shared.set(i, 2 * (shared.get(i) as number))
    }
  }
  // Without the lock: nobody else has these items.
  return ({ from, to }) => {
    for (let i = from; i < to; i++) shared[i] = 2 * (shared[i] as number)
  }
}

type Order = readonly number[] | Int32Array | Part | { readonly shared: Shared; readonly worker: number; readonly part: Part }

/** The worker's program: to its parent's end. */
export async function work(): Promise<Sample> {
  let double: ((part: Part) => void) | undefined
  const obey = (order: Order): unknown => {
    if (Array.isArray(order)) return doubled(order)
    if (order instanceof Int32Array) return order.map((each) => 2 * each)
    if ('shared' in order) double = doubler(order.shared)
    else double?.(order as Part)
    return 'done'
  }
  if (parentPort !== null) return answerAll(obey)
  process.on('message', (order: Order) => {
    const answer = obey(order)
    const gated = 'shared' in order && order.shared.gates !== undefined
    // Behind its answer: no message leaves this process while it waits at the gate.
    process.send?.(answer, undefined, undefined, () => gated && waitAtGate(order.shared, order.worker, () => double?.(order.part)))
  })
  await once(process, 'disconnect')
  return {}
}

function waitAtGate({ gates, done }: Shared, worker: number, once: () => void): void {
  const gate = attach<Gate & { close(): void }>((gates as readonly Handle[])[worker] as Handle)
  const end = attach<Gate & { close(): void }>(done as Handle)
  while (gate.acquire(PATIENCE_MS)) {
    once()
    end.release()
  }
  process.exit()
}

export class Team {
  readonly #partners: readonly Partner[]

  /** @param start - starts one whose program is `work` */
  constructor(start: () => Partner) {
    this.#partners = Array.from({ length: WORKERS }, start)
  }

  /** An order for each, and their answers. */
  ask<T>(orders: readonly Order[]): Promise<T[]> {
    return Promise.all(this.#partners.map((partner, i) => partner.ask<T>(orders[i])))
  }

  /** From now on they double what is in there. */
  async share(shared: Shared, length: number): Promise<void> {
    await this.ask(shares(length).map((part, worker) => ({ shared, worker, part })))
  }

  async stop(): Promise<void> {
    await Promise.all(this.#partners.map((each) => each.stop()))
  }
}
