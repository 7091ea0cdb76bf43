/** RWLock: many readers or one writer, between processes. The names are those of POSIX's rwlocks and of readers-writer locks elsewhere; Python has none. */
import { DeadlockError } from '../errors.js'
import { registerKind } from '../memory/attach.js'
import { type Block, bodySpec } from '../memory/block.js'
import { createObject } from '../memory/create.js'
import type { Handle } from '../memory/handle.js'
import { checkNaming, type NamedOptions } from '../memory/naming.js'
import { native, regs } from '../native.js'
import { Mutex } from './mutex.js'
import { checkPolicy, type OnOwnerDied } from './owner-died.js'
import { ReadHalf } from './read-half.js'
import { leaverOf, type Reads, useReads } from './reads.js'
import { SyncObject } from './sync-object.js'
import { policyOf, WriteHalf } from './write-half.js'

export interface RWLockOptions extends NamedOptions {
  /** What the next taker, reader or writer, meets when a writer was killed. Default `'recover'`. */
  onOwnerDied?: OnOwnerDied<WriteHalf> | undefined
}

export class SharedRWLock extends SyncObject {
  /** The half that many may hold. */
  readonly read: ReadHalf
  /** The half that one may hold, while nobody reads. */
  readonly write: WriteHalf
  readonly #policy: OnOwnerDied<WriteHalf>
  readonly #reads: Reads

  /** @internal */
  constructor(block: Block, policy: OnOwnerDied<WriteHalf>) {
    super(block)
    const address = block.lockAddress
    const reads = useReads(address)
    block.onEnd(leaverOf(address))
    const mutex = new Mutex(
      block,
      false,
      policyOf(block, policy, () => this.write),
    )
    this.read = new ReadHalf(block, mutex, reads)
    this.write = new WriteHalf(block, mutex, reads)
    this.#policy = policy
    this.#reads = reads
  }

  /** @throws ERR_DEADLOCK while this thread holds one of the halves. Pending waits reject with ERR_CLOSED. */
  override close(): void {
    if (!this.block.closed && this.#reads.holds > 0)
      throw new DeadlockError(`${this.block.what} can't be closed while this thread reads under it: release it first`)
    if (!this.block.closed) this.write.closing()
    super.close()
  }

  override toJSON(): Handle {
    const handle = super.toJSON()
    return this.#policy === 'throw' ? { ...handle, onOwnerDied: 'throw' } : handle
  }

  protected summary(): string {
    const { owner } = this.write
    return owner === null ? `${this.read.readers} reading` : `writing: process ${owner.pid}, thread ${owner.tid}`
  }
}

/** A lock that many readers or one writer may hold. */
export type RWLock = SharedRWLock

/**
 * A lock between processes, worker threads and asynchronous flows that many may hold to read, or one to write.
 *
 * Writers don't starve: while one waits, no new reader comes in. What a killed reader held comes back; a killed writer is told to the next taker of
 * either half, as with a {@link Lock}.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE for bad options; EEXIST, ENOENT, EACCES, ENOSPC; ERR_TYPE_MISMATCH if the name leads to something else
 * @example lock.read.withLock(() => config.value)
 */
export function RWLock(options?: RWLockOptions): RWLock {
  const policy = checkPolicy<WriteHalf>(options?.onOwnerDied)
  const block = createObject(bodySpec('RWLock', 'Lock'), checkNaming(options), (made) => {
    regs[0] = made.segment.number
    regs[1] = made.dataOffset
    native.rwInit()
  })
  return new SharedRWLock(block, policy)
}

registerKind('RWLock', (block, _spec, handle) => new SharedRWLock(block, checkPolicy<WriteHalf>(handle.onOwnerDied)))
