/**
 * The asynchronous side of a lock in this thread: which flow holds it, and which wait, in order of arrival.
 *
 * To the mutex they are all one thread. So one flow at a time tries for the mutex; when it is busy, the addon's watcher tells when it looks
 * free, and the first in the queue tries again.
 */
import { ClosedError } from '../errors.js'
import { native, regs } from '../native.js'
import { Fifo } from './fifo.js'
import { type Frame, isInside, newFrame, runInside } from './flow.js'
import { BUSY, DIRTY, DONE, MINE, MINE_FLOW } from './native-lock.js'
import { countPending, type Ready, unwatch, watch } from './ready.js'
import { Failure } from './wait-in-line.js'

/** The lock as its queue sees it: one of this thread's objects for it. */
export interface QueuedLock {
  readonly address: number
  readonly what: string
  /** Applies the policy for dead owners to a lock just taken; throws if it was let go again. */
  settle(deadPid: number): void
  /** The error for answers that are neither taken nor busy. */
  refusal(answer: number): Error
}

interface Waiter {
  readonly lock: QueuedLock
  readonly frame: Frame | undefined
  /** The hold to go on with, of a flow that gave it up for a while (Condition.waitAsync). */
  readonly hold: FlowHold | undefined
  settle(result: Outcome): void
}

/** One hold of a lock by a flow: whoever got it can end it, and no later one. */
export interface FlowHold {
  /** The outermost frame that holds it; undefined for a bare acquireAsync, whose flow has no frame of its own. */
  frame: Frame | undefined
  depth: number
}

/** How a wait ends: with the lock, or without because of an error; undefined: time ran out. */
export type Outcome = FlowHold | undefined | Failure

const queues = new Map<number, FlowQueue>()

const isTaken = (answer: number) => answer === DONE || answer === DIRTY
const isBusy = (answer: number) => answer === BUSY || answer === MINE || answer === MINE_FLOW

export class FlowQueue implements Ready {
  readonly #address: number
  #holder: FlowHold | undefined
  readonly #waiting = new Fifo<Waiter>()
  #token = 0

  private constructor(address: number) {
    this.#address = address
  }

  /** The queue of the lock at this address, if any flow of this thread holds it or waits for it. */
  static find(address: number): FlowQueue | undefined {
    return queues.get(address)
  }

  static of(address: number): FlowQueue {
    let queue = queues.get(address)
    if (queue === undefined) {
      queue = new FlowQueue(address)
      queues.set(address, queue)
    }
    return queue
  }

  /** Whether the calling code runs in the flow that holds the lock. */
  get heldByCaller(): boolean {
    return this.#holder?.frame !== undefined && isInside(this.#holder.frame)
  }

  /** Whether a release by the calling code is one by the holder: bare holders can't be told from others of this thread. */
  get releasableByCaller(): boolean {
    return this.#holder !== undefined && (this.#holder.frame === undefined || isInside(this.#holder.frame))
  }

  /** One level deeper into the hold there is. */
  deepen(): FlowHold {
    const holder = this.#holder as FlowHold
    holder.depth++
    return holder
  }

  /** One try, without passing those that wait. undefined: busy. Throws what the policy or the addon refuses. */
  tryTake(lock: QueuedLock, frame: Frame | undefined, former?: FlowHold): FlowHold | undefined {
    if (this.#holder !== undefined || this.#waiting.size > 0) return undefined
    try {
      return this.#try(lock, frame, former)
    } finally {
      this.#rest()
    }
  }

  #try(lock: QueuedLock, frame: Frame | undefined, former?: FlowHold): FlowHold | undefined {
    regs[0] = this.#address
    native.lockTryFlow()
    const answer = regs[0] as number
    if (isBusy(answer)) return undefined
    if (!isTaken(answer)) throw lock.refusal(answer)
    const hold: FlowHold = former ?? { frame, depth: 1 }
    this.#holder = hold
    if (answer === DIRTY) this.#settle(lock, hold, regs[1] as number)
    return hold
  }

  /** Applies the policy inside the flow that holds the lock, or one made for it: what mends the data may take an RLock again. */
  #settle(lock: QueuedLock, hold: FlowHold, deadPid: number): void {
    const { frame } = hold
    hold.frame = frame ?? newFrame()
    try {
      runInside(hold.frame, () => lock.settle(deadPid))
    } catch (error) {
      if (this.#holder === hold) this.#holder = undefined
      throw error
    } finally {
      hold.frame = frame
    }
  }

  /** Waits in line. `settle` is called once, with a hold or an error; the function given back takes the waiter out of the line. */
  wait(lock: QueuedLock, frame: Frame | undefined, settle: (result: Outcome) => void, hold?: FlowHold): () => void {
    queues.set(this.#address, this)
    const waiter: Waiter = { lock, frame, hold, settle }
    this.#waiting.add(waiter)
    countPending(1)
    if (this.#holder === undefined) this.#watch()
    return () => this.#leave(waiter)
  }

  #leave(waiter: Waiter): void {
    if (!this.#waiting.delete(waiter)) return
    countPending(-1)
    this.#rest()
  }

  /** Forgets what is not needed while nobody holds or waits. */
  #rest(): void {
    if (this.#waiting.size > 0) return
    this.#unwatch()
    // A queue that was given up may still be on its way here, when another has taken its place.
    if (this.#holder === undefined && queues.get(this.#address) === this) queues.delete(this.#address)
  }

  #watch(): void {
    if (this.#token !== 0) return
    this.#token = watch(this, () => {
      regs[0] = this.#address
      native.watchLock()
    })
  }

  #unwatch(): void {
    if (this.#token === 0) return
    unwatch(this.#token)
    this.#token = 0
  }

  looksReady(): void {
    this.#token = 0
    this.#advance()
  }

  /** Gives the lock to the first in line, if it can be had. */
  #advance(): void {
    while (this.#holder === undefined) {
      const { first } = this.#waiting
      if (first === undefined) break
      let result: Outcome
      try {
        result = this.#try(first.lock, first.frame, first.hold)
      } catch (error) {
        result = new Failure(error)
      }
      if (result === undefined) {
        this.#watch()
        return
      }
      this.#waiting.delete(first)
      countPending(-1)
      first.settle(result)
    }
    this.#rest()
  }

  isHeldBy(hold: FlowHold): boolean {
    return this.#holder === hold
  }

  /** Whatever its depth, the hold ends for a while: the caller is to unlock the mutex and then call `released`. */
  suspend(): FlowHold {
    return this.#holder as FlowHold
  }

  /** The mutex is this thread's again, taken by blocking: the hold goes on. */
  resume(hold: FlowHold): void {
    queues.set(this.#address, this)
    this.#holder = hold
  }

  /** One level up; true when that was the last, and the caller is to unlock the mutex and then call `released`. */
  rise(): boolean {
    const holder = this.#holder as FlowHold
    holder.depth--
    return holder.depth === 0
  }

  /** The mutex was unlocked. `contended`: others, who sleep, wait for it too, and get the time to take it. */
  released(contended: boolean): void {
    this.#holder = undefined
    if (this.#waiting.size === 0) this.#rest()
    else if (contended) setImmediate(() => this.#advance())
    else queueMicrotask(() => this.#advance())
  }

  /** The object through which some wait is closed: they get ERR_CLOSED. */
  closed(lock: QueuedLock): void {
    for (const waiter of this.#waiting.toArray().filter((each) => each.lock === lock)) {
      this.#leave(waiter)
      waiter.settle(new Failure(new ClosedError(lock.what)))
    }
  }
}
