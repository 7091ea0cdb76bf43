/** Event: a flag that processes wait for. Python's multiprocessing.Event, without its race between set() and clear(). */
import { checkTimeout } from '../check.js'
import { ClosedError } from '../errors.js'
import { registerKind } from '../memory/attach.js'
import { type Block, bodySpec } from '../memory/block.js'
import { createObject } from '../memory/create.js'
import { checkNaming, type NamedOptions } from '../memory/naming.js'
import { AsyncLine, TakerLine, WaitKind } from './async-line.js'
import { type AsyncWaitOptions, checkWait } from './options.js'
import { takeInLine, unpark, type WaitPlace } from './parking.js'
import { placeIn, SyncObject } from './sync-object.js'

/** The body, in 32-bit words; native/core/layout.h: EventBody. The first: bit 0 set, bits 1 to 31 count how often. */
const PARKED = 1
const WORD = 4
const SET = 1
/** From not set to set: the count, and the bit. */
const ONE_SET = 3

export class SharedEvent extends SyncObject {
  /** The whole segment, and the flag's index in it: read by the hot paths. */
  #place: WaitPlace | undefined

  /** @internal */
  constructor(block: Block) {
    super(block)
    block.showAs('Int32Array', WORD)
  }

  #word(): number {
    const { view, index } = this.block
    if (index < 0) throw new ClosedError(this.block.what)
    return Atomics.load(view as Int32Array, index)
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

  /** Whether the event is set at this moment. */
  get isSet(): boolean {
    return (this.#word() & SET) !== 0
  }

  /** Sets the event and wakes all who wait, also if it is cleared right afterwards. */
  set(): void {
    let word = this.#word()
    const { view, index } = this.block
    while ((word & SET) === 0) {
      const found = Atomics.compareExchange(view as Int32Array, index, word, word + ONE_SET)
      if (found === word) break
      word = found
    }
    // After the change: whoever gets in line looks at the word once more when it can be seen there. Also where it was set before: who did
    // that may have been killed before it woke anybody.
    if (Atomics.load(view as Int32Array, index + PARKED) !== 0) unpark(this.#asPlace(), Number.POSITIVE_INFINITY)
  }

  /** Clears the event: those who wait from now on wait for the next set(). */
  clear(): void {
    const { view, index } = this.block
    if (index < 0) throw new ClosedError(this.block.what)
    Atomics.and(view as Int32Array, index, ~SET)
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
    const seen = this.#word()
    if ((seen & SET) !== 0) return true
    if (limit === 0) return false
    // Not the wake-up counts but that the word has moved: a wake-up may be late, from a set() that ended an earlier wait.
    return takeInLine(this.#asPlace(), limit, () => this.#word() !== seen, this.block.what)
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
    const seen = this.#word()
    if ((seen & SET) !== 0) return true
    if (wait.timeout === 0) return false
    const place = this.#asPlace()
    const line = AsyncLine.of(place, () => new TakerLine(place, { kind: WaitKind.event, dataOffset: place.key, lockAddress: 0 }))
    const attempt = () => this.#word() !== seen
    return (await line.until({ owner: this, what: this.block.what, attempt, seen: seen >>> 0 }, wait)) === 'woken'
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
