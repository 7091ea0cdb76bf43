/**
 * The asynchronous waits of this thread for one place in shared memory, in order of arrival. To others they are one record in the line there; the
 * addon's watcher tells when something was granted to it.
 */
import { ClosedError } from '../errors.js'
import type { Block } from '../memory/block.js'
import { native, regs } from '../native.js'
import { Fifo } from './fifo.js'
import type { CheckedWait } from './options.js'
import type { Expected, WaitPlace } from './parking.js'
import { leave, park, setPlace } from './parking.js'
import { countPending, type Ready, unwatch, watch } from './ready.js'
import { Failure, waitInLine } from './wait-in-line.js'

/** How the watcher tells that a wait may be over, beyond a grant; as in native/core/watched_waits.h. */
export const WaitKind = { grant: 0, event: 1, semaphore: 2, barrier: 3, read: 4, write: 5 } as const

/** What the watcher is to look at. */
export interface Watch {
  readonly kind: (typeof WaitKind)[keyof typeof WaitKind]
  /** Of the object's data in the segment. */
  readonly dataOffset: number
  /** An RWLock's mutex, else 0. */
  readonly lockAddress: number
}

/** Who waits. */
export interface Waiting {
  /** The object through which it waits: when that is closed, the wait ends. */
  readonly owner: object
  /** How messages call it. */
  readonly what: string
  /** In a TakerLine: one try for what is waited for. May throw, which ends the wait. */
  readonly attempt?: () => boolean
  /** An Event's word when the wait began. */
  readonly seen?: number
}

interface Waiter extends Waiting {
  settle(result: true | Failure): void
}

/** What a wait comes to. `changed`: the word had another value before the wait could begin. */
export type LineResult = 'woken' | 'changed' | 'timed-out'

const lines = new Map<number, AsyncLine>()

export abstract class AsyncLine implements Ready {
  readonly place: WaitPlace
  readonly #watch: Watch
  protected readonly waiters = new Fifo<Waiter>()
  protected record = -1
  #token = 0
  #poked = false

  constructor(place: WaitPlace, watch: Watch) {
    this.place = place
    this.#watch = watch
  }

  /** The line for what is at this place, made by `make` if no wait of this thread is there. */
  static of<L extends AsyncLine>(place: WaitPlace, make: () => L): L {
    const address = place.base + place.key
    const known = lines.get(address)
    if (known !== undefined) return known as L
    return make() // known to others from its first wait on
  }

  /** Ends the waits at a place that were made through an object which is being closed. */
  static close(place: WaitPlace, owner: object): void {
    lines.get(place.base + place.key)?.closed(owner)
  }

  /** Has the line at this address look at what it was granted before the watcher tells it to: this thread has just granted something there. */
  static poke(address: number): void {
    lines.get(address)?.pokeSoon()
  }

  pokeSoon(): void {
    if (this.#poked) return
    this.#poked = true
    queueMicrotask(() => {
      this.#poked = false
      if (this.record >= 0) this.#look()
    })
  }

  get empty(): boolean {
    return this.waiters.size === 0
  }

  /** Ends what has come to an end. Called when something was granted, or looks as if it could be had. */
  protected abstract serve(): void
  /** Gets in line; false: the word has another value by now. */
  protected abstract wait(waiter: Waiter, expected: Expected | undefined): boolean

  /**
   * Waits in this line.
   *
   * @returns rejects with the signal's reason, with ERR_CLOSED, or with what an attempt throws
   */
  async until(who: Waiting, { timeout, signal }: CheckedWait, expected?: Expected): Promise<LineResult> {
    return waitInLine<LineResult>(
      (finish) => {
        const waiter: Waiter = { ...who, settle: (result) => finish(result === true ? 'woken' : result) }
        if (!this.wait(waiter, expected)) queueMicrotask(() => finish('changed'))
        return () => (this.leave(waiter) ? 'woken' : undefined)
      },
      timeout,
      signal,
      () => 'timed-out',
    )
  }

  /** Takes one waiter's share out of the record; what it had got already, if anything. */
  protected abstract withdraw(waiter: Waiter): true | undefined

  protected enter(waiter: Waiter, expected: Expected | undefined): boolean {
    let record = -1
    try {
      record = park(this.place, expected, this.record, waiter.what)
    } finally {
      if (record < 0) this.#rest() // those before may have left meanwhile
    }
    if (record < 0) return false
    this.record = record
    this.join(waiter)
    lines.set(this.place.base + this.place.key, this)
    this.#watchAgain()
    return true
  }

  /** The waiter's share of the record is made, or one record stands for all. */
  protected join(waiter: Waiter): void {
    this.waiters.add(waiter)
    countPending(1)
  }

  /** Takes a waiter out of the line; what it had got already, if anything. */
  leave(waiter: Waiter): true | undefined {
    if (!this.waiters.delete(waiter)) return undefined
    countPending(-1)
    const got = this.withdraw(waiter)
    this.#rest()
    return got
  }

  protected settle(waiter: Waiter, result: true | Failure): void {
    if (!this.waiters.delete(waiter)) return
    countPending(-1)
    waiter.settle(result)
  }

  /** The object through which some wait is closed. */
  closed(owner: object): void {
    for (const waiter of this.waiters.toArray()) {
      if (waiter.owner !== owner) continue
      const got = this.leave(waiter)
      waiter.settle(got ?? new Failure(new ClosedError(waiter.what)))
    }
  }

  looksReady(): void {
    this.#token = 0
    this.#look()
  }

  #look(): void {
    this.serve()
    this.#rest()
    if (!this.empty) this.#watchAgain()
  }

  #watchAgain(): void {
    if (this.#token !== 0 || this.record < 0) return
    this.#token = watch(this, () => {
      setPlace(this.place, this.record)
      regs[4] = this.#watch.kind
      regs[5] = this.#watch.dataOffset
      regs[6] = this.#watch.lockAddress
      regs[7] = this.waiters.first?.seen ?? 0
      native.watchRecord()
    })
  }

  /** Forgets what is not needed while nobody waits; before a record goes, the watcher must not look at it any more. */
  protected stopWatching(): void {
    if (this.#token !== 0) unwatch(this.#token)
    this.#token = 0
  }

  #rest(): void {
    if (!this.empty) return
    this.stopWatching()
    if (this.record >= 0) this.giveUpRecord()
    const address = this.place.base + this.place.key
    if (lines.get(address) === this) lines.delete(address)
  }

  /** The record stands for a wait that is over. */
  protected giveUpRecord(): void {
    leave(this.place, this.record)
    this.record = -1
  }
}

/** Waits that end by being woken, each by a grant of its own: Conditions, Values. */
export class GrantLine extends AsyncLine {
  protected wait(waiter: Waiter, expected: Expected | undefined): boolean {
    // What came before this wait is not for it.
    if (!this.empty) this.serve()
    return this.enter(waiter, expected)
  }

  protected serve(): void {
    if (this.record < 0) return
    // All records that stand for nothing any more are free, so the watcher has to let go first.
    this.stopWatching()
    setPlace(this.place, this.record)
    native.waitTake()
    const granted = regs[0] as number
    this.record = regs[3] as number
    for (let left = granted; left > 0 && this.waiters.first !== undefined; left--) this.settle(this.waiters.first, true)
  }

  protected withdraw(): true | undefined {
    if (this.record < 0) return undefined
    if (this.empty) this.stopWatching()
    setPlace(this.place, this.record)
    native.waitLeave()
    const got = regs[0] === 1
    this.record = regs[3] as number
    return got ? true : undefined
  }
}

/** Waits that end when an attempt succeeds: permits, reading, an Event that was set. One record stands for them all: this thread wants to be told. */
export class TakerLine extends AsyncLine {
  readonly #abandon: ((record: number) => void) | undefined

  /** @param abandon - leaves the line, passing on what was granted */
  constructor(place: WaitPlace, watch: Watch, abandon?: (record: number) => void) {
    super(place, watch)
    this.#abandon = abandon
  }

  protected wait(waiter: Waiter): boolean {
    if (!this.empty) {
      this.join(waiter)
      return true
    }
    this.pokeSoon() // it may have become free before we can be seen
    return this.enter(waiter, undefined)
  }

  protected serve(): void {
    if (this.record >= 0) {
      setPlace(this.place, this.record)
      native.waitAgain() // before the attempts: whoever releases after them grants anew
    }
    for (let waiter = this.waiters.first; waiter !== undefined; waiter = this.waiters.first) {
      let result: true | Failure = true
      try {
        if (!waiter.attempt?.()) return
      } catch (error) {
        result = new Failure(error)
      }
      this.settle(waiter, result)
    }
  }

  protected withdraw(): undefined {
    return undefined
  }

  protected override giveUpRecord(): void {
    if (this.#abandon === undefined) {
      super.giveUpRecord()
      return
    }
    this.#abandon(this.record)
    this.record = -1
  }
}

/**
 * The line at a place for the waits that are made through `owner`, until its block is closed: then they end.
 *
 * @param abandon - see TakerLine
 * @returns what looks it up, for each wait anew
 */
export function takerLine(
  block: Block,
  owner: object,
  place: WaitPlace,
  watch: Watch,
  abandon?: (record: number) => void,
): () => TakerLine {
  block.onClose(() => AsyncLine.close(place, owner))
  return () => AsyncLine.of(place, () => new TakerLine(place, watch, abandon))
}
