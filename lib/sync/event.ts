/** Event: a flag that processes wait for. Python's multiprocessing.Event, without its race between set() and clear(). */
import { checkTimeout } from '../check.js'
import { ClosedError } from '../errors.js'
import { registerKind } from '../memory/attach.js'
import { type Block, bodySpec } from '../memory/block.js'
import { createObject } from '../memory/create.js'
import { checkNaming, type NamedOptions } from '../memory/naming.js'
import { native, regs } from '../native.js'
import { AsyncLine, GrantLine, WaitKind } from './async-line.js'
import { type AsyncWaitOptions, checkWait } from './options.js'
import { park, sleepInLine, type WaitPlace } from './parking.js'
import { placeIn, SyncObject } from './sync-object.js'

/** The body, in 32-bit words; native/core/layout.h: EventBody. */
const PARKED = 1
const SETS = 2
const WORD = 4

class SharedEvent extends SyncObject {
  /** The whole segment, and the flag's index in it: read by the hot paths. */
  #place: WaitPlace | undefined

  /** @internal */
  constructor(block: Block) {
    super(block)
    block.showAs('Int32Array', WORD)
  }

  /** A word of the body. */
  #word(at: number): number {
    const { view, index } = this.block
    if (index < 0) throw new ClosedError(this.block.what)
    return Atomics.load(view as Int32Array, index + at)
  }

  #asPlace(): WaitPlace {
    if (this.#place !== undefined) {
      this.block.checkOpen()
      return this.#place
    }
    const place = placeIn(this.block, 0, PARKED * WORD)
    this.block.onClose(() => AsyncLine.close(place, this))
    this.#place = place
    return place
  }

  #line(place: WaitPlace): GrantLine {
    const watch = { kind: WaitKind.event, dataOffset: place.key, lockAddress: 0 }
    const { view, index } = this.block
    const look = (at: number) => Atomics.load(view as Int32Array, index + at)
    const count = () => look(SETS) >>> 0
    return AsyncLine.of(place, () => new GrantLine(place, watch, { count, occurred: (since) => look(0) !== 0 || count() !== since }))
  }

  /** Whether the event is set at this moment. */
  get isSet(): boolean {
    return this.#word(0) !== 0
  }

  /** Sets the event and wakes all who wait, also if it is cleared right afterwards. */
  set(): void {
    const { view, index } = this.block
    if (index < 0) throw new ClosedError(this.block.what)
    Atomics.store(view as Int32Array, index, 1)
    // After the flag: whoever gets in line looks at the flag once more when it can be seen there.
    if (Atomics.load(view as Int32Array, index + PARKED) !== 0) this.#wake()
  }

  #wake(): void {
    regs[0] = this.block.segment.number
    regs[1] = this.block.dataOffset
    native.eventWake()
    AsyncLine.poke(this.block.dataAddress)
  }

  /** Clears the event: those who wait from now on wait for the next set(). */
  clear(): void {
    const { view, index } = this.block
    if (index < 0) throw new ClosedError(this.block.what)
    Atomics.store(view as Int32Array, index, 0)
  }

  /**
   * Waits until the event is set, blocking the thread.
   *
   * @param timeout - ms to wait at most; absent: for ever; 0: only looks
   * @returns true if it is set, or was set while this call waited; false when time ran out
   * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ERR_CLOSED; ENOSPC if too many threads wait
   */
  wait(timeout?: number): boolean {
    const limit = checkTimeout(timeout)
    if (this.isSet) return true
    if (limit === 0) return false
    const place = this.#asPlace()
    const seen = this.#word(SETS)
    const record = park(place, { offset: place.key, value: 0 }, -1, this.block.what)
    return record < 0 || sleepInLine(place, record, limit, () => this.isSet || this.#word(SETS) !== seen)
  }

  /**
   * Waits without blocking the event loop.
   *
   * @returns true if it is set, or was set while this call waited; false when time ran out. A pending wait keeps the process alive
   * @throws (rejects with) the signal's reason; ERR_CLOSED, also when the object is closed meanwhile; ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; ENOSPC
   */
  async waitAsync(options?: AsyncWaitOptions): Promise<boolean> {
    const wait = checkWait(options)
    wait.signal?.throwIfAborted()
    if (this.isSet) return true
    if (wait.timeout === 0) return false
    const place = this.#asPlace()
    return (await this.#line(place).until({ owner: this, what: this.block.what }, wait, { offset: place.key, value: 0 })) !== 'timed-out'
  }

  protected summary(): string {
    return this.isSet ? 'set' : 'not set'
  }
}

/** A flag between processes, worker threads and asynchronous flows. */
export type Event = SharedEvent

/**
 * An event that one sets and others wait for.
 *
 * Whoever is killed while it waits, sets or clears makes nobody else wait.
 *
 * @param named - name, create, mode
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE; EEXIST, ENOENT, EACCES, ENOSPC; ERR_TYPE_MISMATCH if the name leads to something else
 */
export function Event(named?: NamedOptions): Event {
  return new SharedEvent(createObject(bodySpec('Event', 'none'), checkNaming(named), () => {}))
}

registerKind('Event', (block) => new SharedEvent(block))
