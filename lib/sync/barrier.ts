/** Barrier: parties wait until all have arrived. Python's multiprocessing.Barrier gives names and meaning. */
import { isMainThread } from 'node:worker_threads'
import { checkFunction, checkOptions, checkTimeout, isThenable, wrongRange, wrongType } from '../check.js'
import { BrokenBarrierError, ClosedError, invalidType, TypeMismatchError } from '../errors.js'
import { registerKind } from '../memory/attach.js'
import { type Block, bodySpec } from '../memory/block.js'
import { createObject } from '../memory/create.js'
import type { Handle } from '../memory/handle.js'
import { checkNaming, type NamedOptions } from '../memory/naming.js'
import { native, regs } from '../native.js'
import { Arrival, AsyncParty, ENTRANCE } from './barrier-party.js'
import { type AsyncWaitOptions, checkWait } from './options.js'
import { noRoom, park, setPlace, sleepInLine, slice, type WaitPlace } from './parking.js'
import { placeIn, SyncObject } from './sync-object.js'
import { Failure, waitInLine } from './wait-in-line.js'

/** The body, in 32-bit words; native/core/layout.h: BarrierBody. */
const BROKEN = 1
const WAITING = 2
const ACTING = 3
const WORD = 4

export interface BarrierOptions extends NamedOptions {
  /**
   * Run once a round, by one of the parties, when all have arrived and before any goes on. It stays in this process: give it to the barriers of those
   * processes that may run it. If it throws, that party gets the error and the others BrokenBarrierError. For `waitAsync` it may give a promise.
   */
  action?: (() => unknown) | undefined
  /** ms that `wait` waits at most where it is not told otherwise. Goes with the handle. */
  timeout?: number | undefined
}

interface Behaviour {
  readonly action: (() => unknown) | undefined
  readonly timeout: number
}

let resigns = false

/** Who exits in good order is not taken for killed. An exit with another code is: others may be waiting for what this process did not do. */
function resignAtExit(): void {
  if (resigns || !isMainThread) return
  resigns = true
  process.once('exit', (code) => {
    if (code === 0) native.barrierResignAll()
  })
}

export class SharedBarrier extends SyncObject {
  readonly #behaviour: Behaviour
  readonly #pending = new Set<AsyncParty>()
  /** Records of parties that run the action. */
  readonly #acting = new Set<number>()

  /** @internal */
  constructor(block: Block, behaviour: Behaviour) {
    super(block)
    this.#behaviour = behaviour
    block.showAs('Int32Array', WORD)
    resignAtExit()
    block.onClose(() => {
      for (const party of [...this.#pending]) party.closed()
      for (const record of this.#acting) this.#spoil(record)
    })
  }

  #word(at: number): number {
    const { view, index } = this.block
    if (index < 0) throw new ClosedError(this.block.what)
    return Atomics.load(view as Int32Array, index + at)
  }

  #setPlace(record = -1): WaitPlace {
    const place = placeIn(this.block, 0, undefined)
    setPlace(place, record)
    return place
  }

  /**
   * This process may be a party: it breaks the barrier if it is killed.
   *
   * @internal
   */
  join(): this {
    this.#ask(native.barrierJoin, -1)
    return this
  }

  /** How many parties have to arrive. */
  get parties(): number {
    return this.#word(0)
  }

  /** How many have arrived and wait. */
  get nWaiting(): number {
    this.#look()
    return this.#word(WAITING)
  }

  /** Whether the barrier is broken: every `wait` throws until `reset()`. */
  get broken(): boolean {
    this.#look()
    return this.#word(BROKEN) !== 0
  }

  #brokenError(why = 'a party gave up or was killed, its action threw, or somebody called abort() or reset()'): BrokenBarrierError {
    return new BrokenBarrierError(
      `${this.block.what} is broken: ${why}. One process should call reset(), once, and the others try again when broken is false`,
    )
  }

  /** Arrives, or says that a round's action still runs. */
  #arrive(): { arrival: number; record: number; index: number } {
    this.#setPlace()
    regs[4] = this.#behaviour.action === undefined ? 0 : 1
    native.barrierArrive()
    const [arrival, record, index] = [regs[0] as number, regs[3] as number, regs[4] as number]
    if (arrival === Arrival.broken) throw this.#brokenError()
    if (arrival === Arrival.full) throw noRoom(this.block.what)
    return { arrival, record, index }
  }

  #entrance(): WaitPlace {
    return placeIn(this.block, ENTRANCE, undefined)
  }

  /** Gets in line at the entrance; -1: the action does not run any more. */
  #parkAt(entrance: WaitPlace): number {
    const acting = { offset: this.block.dataOffset + ACTING * WORD, value: 1 }
    return park(entrance, acting, -1, this.block.what)
  }

  /** What has become of a party. */
  #ask(question: () => void, record: number): number {
    this.#setPlace(record)
    question()
    return regs[0] as number
  }

  /** The action failed: the others get BrokenBarrierError. */
  #spoil(record: number): void {
    this.#ask(native.barrierBreak, record)
    this.#ask(native.barrierLeave, record)
  }

  /**
   * Waits until all parties have arrived, blocking the thread.
   *
   * @param timeout - ms to wait at most; absent: the barrier's own. Who runs out of time breaks the barrier for all
   * @returns 0 to parties - 1: the order of arrival
   * @throws ERR_BROKEN_BARRIER if time runs out, a waiting party is killed, the action throws or `abort` or `reset` is called; what the action throws;
   * ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ERR_CLOSED; ENOSPC if too many threads wait
   */
  wait(timeout?: number): number {
    const limit = timeout === undefined ? this.#behaviour.timeout : checkTimeout(timeout)
    const start = performance.now()
    let arrived = this.#arrive()
    while (arrived.arrival === Arrival.tooEarly) {
      const left = limit - (performance.now() - start)
      if (left <= 0) {
        this.abort()
        throw this.#brokenError('time ran out')
      }
      const entrance = this.#entrance()
      const record = this.#parkAt(entrance)
      const over = () => {
        this.#look()
        return this.#word(ACTING) === 0
      }
      if (record >= 0) sleepInLine(entrance, record, left, over)
      arrived = this.#arrive()
    }
    const { record, index } = arrived
    let { arrival } = arrived
    for (let waited = performance.now() - start; arrival === Arrival.waits; waited = performance.now() - start) {
      if (waited >= limit) {
        arrival = this.#ask(native.barrierLeave, record)
        if (arrival === Arrival.broken) throw this.#brokenError('time ran out')
        break
      }
      this.#setPlace(record)
      regs[4] = slice(waited, limit - waited)
      native.waitSleep()
      if (regs[0] === 1) arrival = this.#ask(native.barrierLook, record)
      else this.#look()
    }
    if (arrival === Arrival.acts) arrival = this.#act(record)
    if (arrival === Arrival.broken) throw this.#brokenError()
    return index
  }

  /** Whether a waiting party has died: then all find the barrier broken. */
  #look(): void {
    this.#ask(native.barrierTend, -1)
  }

  #act(record: number): number {
    this.#acting.add(record)
    try {
      if (isThenable(this.#behaviour.action?.()))
        throw invalidType('Expected `action` to be done when it returns, got one that returns a promise. Use waitAsync')
    } catch (error) {
      this.#failed(record)
      throw error
    }
    return this.#acted(record)
  }

  async #actAsync(record: number): Promise<number> {
    this.#acting.add(record)
    try {
      await this.#behaviour.action?.()
    } catch (error) {
      this.#failed(record)
      throw error
    }
    return this.#acted(record)
  }

  /** The action failed. Where it also closed the barrier, the others know already. */
  #failed(record: number): void {
    this.#acting.delete(record)
    if (!this.block.closed) this.#spoil(record)
  }

  #acted(record: number): number {
    this.#acting.delete(record)
    return this.#ask(native.barrierRelease, record)
  }

  /**
   * Waits until all parties have arrived, without blocking the event loop.
   *
   * @returns 0 to parties - 1: the order of arrival
   * @throws (rejects with) the signal's reason, and who had arrived leaves the barrier broken; and what `wait` throws
   */
  async waitAsync(options?: AsyncWaitOptions): Promise<number> {
    const { timeout: given, signal } = checkWait(options)
    const timeout = options?.timeout === undefined ? this.#behaviour.timeout : given
    signal?.throwIfAborted()
    const start = performance.now()
    let arrived = this.#arrive()
    while (arrived.arrival === Arrival.tooEarly) {
      await this.#party(this.#entrance(), -1, timeout - (performance.now() - start), signal)
      signal?.throwIfAborted()
      arrived = this.#arrive()
    }
    const { record, index } = arrived
    let { arrival } = arrived
    if (arrival === Arrival.waits)
      arrival = await this.#party(this.#setPlace(record), record, timeout - (performance.now() - start), signal)
    if (arrival === Arrival.acts) arrival = await this.#actAsync(record)
    if (arrival === Arrival.broken) throw this.#brokenError()
    return index
  }

  /** Waits as one party; `record` -1: at the entrance, for the action that runs to end. */
  #party(place: WaitPlace, record: number, timeout: number, signal: AbortSignal | undefined): Promise<number> {
    const atEntrance = record < 0
    if (atEntrance) {
      record = this.#parkAt(place)
      if (record < 0) return Promise.resolve(Arrival.tooEarly)
    }
    const look = atEntrance
      ? () => (this.#word(ACTING) === 0 ? Arrival.tooEarly : Arrival.waits)
      : () => this.#ask(native.barrierLook, record)
    const leave = () => {
      if (!atEntrance) return this.#ask(native.barrierLeave, record)
      setPlace(place, record)
      native.waitLeave()
      return Arrival.waits
    }
    let party: AsyncParty
    const gone = () => this.#pending.delete(party)
    return waitInLine<number>(
      (finish) => {
        party = new AsyncParty(place, record, { look, leave: atEntrance ? leave : undefined, finish, gone, what: this.block.what })
        this.#pending.add(party)
        return () => {
          party.end()
          const arrival = leave()
          return arrival === Arrival.released ? arrival : undefined
        }
      },
      timeout,
      signal,
      () => {
        if (atEntrance) this.abort()
        return new Failure(this.#brokenError('time ran out'))
      },
    )
  }

  /** Breaks the barrier: those who wait, and all who come until `reset()`, get BrokenBarrierError. */
  abort(): void {
    this.#ask(native.barrierBreak, -1)
  }

  /** Makes the barrier new. Those who wait get BrokenBarrierError. */
  reset(): void {
    this.#ask(native.barrierReset, -1)
  }

  override toJSON(): Handle {
    const handle = super.toJSON()
    const { timeout } = this.#behaviour
    return timeout === Number.POSITIVE_INFINITY ? handle : { ...handle, timeout }
  }

  protected summary(): string {
    return this.broken ? 'broken' : `${this.nWaiting} of ${this.parties} waiting`
  }
}

/** A place where a number of parties meet. */
export type Barrier = SharedBarrier

function checkBehaviour(options: BarrierOptions | undefined): Behaviour {
  const { action, timeout } = checkOptions(options)
  if (action !== undefined) checkFunction(action, 'action')
  return { action, timeout: checkTimeout(timeout) }
}

/**
 * A barrier between processes, worker threads and asynchronous flows.
 *
 * A party that is killed breaks the barrier for those who wait, within 10 to 100 ms: one that waits itself or runs the action, and one that has not come yet, if it has
 * come before or has opened a barrier that another process made. (The process that makes it is a party from its first wait on.) Who exits in good order, with
 * code 0, is not waited for by anybody's mistake but the program's: give a `timeout`.
 *
 * @param parties - how many, from 1 to 65,535
 * @param options - action, timeout, name, create, mode
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EEXIST, ENOENT, EACCES, ENOSPC; ERR_TYPE_MISMATCH if the name leads to something else, or to a barrier
 * of another number of parties
 */
export function Barrier(parties: number, options?: BarrierOptions): Barrier {
  if (typeof parties !== 'number') throw wrongType('parties', 'a number of parties', parties)
  if (!Number.isInteger(parties) || parties < 1 || parties > MOST_PARTIES)
    throw wrongRange('parties', `an integer from 1 to ${MOST_PARTIES}`, parties)
  const behaviour = checkBehaviour(options)
  let madeHere = false
  const block = createObject(bodySpec('Barrier', 'none'), checkNaming(options), (made) => {
    madeHere = true
    made.showAs('Int32Array', WORD)
    ;(made.view as Int32Array)[made.index] = parties
  })
  const barrier = new SharedBarrier(block, behaviour)
  const found = barrier.parties
  if (found === parties) return madeHere ? barrier : barrier.join()
  barrier.close()
  throw new TypeMismatchError(`'${block.name}' holds a Barrier of ${found} parties, expected ${parties}`)
}

const MOST_PARTIES = 65_535

registerKind('Barrier', (block, _spec, { timeout }) =>
  new SharedBarrier(block, { action: undefined, timeout: checkTimeout(timeout) }).join(),
)
