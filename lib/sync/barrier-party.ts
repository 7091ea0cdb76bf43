/** An asynchronous party at a barrier. */
import { ClosedError } from '../errors.js'
import { native, regs } from '../native.js'
import { WaitKind } from './async-line.js'
import { setPlace, type WaitPlace } from './parking.js'
import { countPending, type Ready, unwatch, watch } from './ready.js'
import { Failure } from './wait-in-line.js'

/** The key, in bytes, of those who come while a round's action runs. */
export const ENTRANCE = 8

/** What the addon answers; native/core/barrier.h. */
export const Arrival = { waits: 0, acts: 1, released: 2, broken: 3, tooEarly: 4, full: 5 } as const

/** What it belongs to. */
interface PartyOf {
  look(): number
  /** Frees the record when the wait is over, where looking does not. */
  readonly leave: (() => unknown) | undefined
  finish(result: number | Failure): void
  gone(): void
  readonly what: string
}

/** An asynchronous party at a barrier, or one before its entrance. Each has a record of its own, because each has an index. */
export class AsyncParty implements Ready {
  readonly #place: WaitPlace
  readonly #record: number
  readonly #of: PartyOf
  #token = 0

  constructor(place: WaitPlace, record: number, of: PartyOf) {
    this.#place = place
    this.#record = record
    this.#of = of
    countPending(1)
    this.#watch()
  }

  #watch(): void {
    this.#token = watch(this, () => {
      setPlace(this.#place, this.#record)
      regs[4] = WaitKind.barrier
      regs[5] = this.#of.leave === undefined ? this.#place.key : this.#place.key - ENTRANCE
      regs[6] = 0
      native.watchRecord()
    })
  }

  looksReady(): void {
    this.#token = 0
    const arrival = this.#of.look()
    if (arrival === Arrival.waits) {
      this.#watch()
      return
    }
    this.end()
    this.#of.leave?.()
    this.#of.finish(arrival)
  }

  /** The watcher must not look at the record any more. */
  end(): void {
    if (this.#token !== 0) unwatch(this.#token)
    this.#token = 0
    countPending(-1)
    this.#of.gone()
  }

  /** The barrier is closed: a party that leaves breaks it for the others. */
  closed(): void {
    this.end()
    setPlace(this.#place, this.#record)
    if (this.#of.leave === undefined) native.barrierLeave()
    else this.#of.leave()
    this.#of.finish(new Failure(new ClosedError(this.#of.what)))
  }
}
