/** What Semaphore, Condition, Event, Barrier and RWLock have in common: a block with a body, and the members of every shared object. */
import { inspect } from 'node:util'
import type { Block } from '../memory/block.js'
import { type Handle, makeHandle } from '../memory/handle.js'
import { SHARED, type SharedObject, unlinkBlock } from '../memory/shared-object.js'
import type { WaitPlace } from './parking.js'

export abstract class SyncObject implements SharedObject {
  /** @internal */
  declare protected readonly block: Block

  /** @internal */
  constructor(block: Block) {
    // Not enumerable: a structured clone of the object is to hold nothing that looks like one.
    Object.defineProperty(this, 'block', { value: block })
  }

  get [SHARED](): true {
    return true
  }

  /** See {@link SharedObject.name}. */
  get name(): string | undefined {
    return this.block.name
  }

  /** See {@link SharedObject.toJSON}. */
  toJSON(): Handle {
    const { kind, lock, length } = this.block.spec
    return makeHandle(this.block, { kind, lock, length })
  }

  /** Ends this process's access. Pending asynchronous waits reject with ERR_CLOSED. */
  close(): void {
    this.block.close()
  }

  /** See {@link SharedObject.unlink}. */
  unlink(): void {
    unlinkBlock(this.block)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** What an inspection shows in brackets. */
  protected abstract summary(): string

  [inspect.custom](): string {
    const name = this.name === undefined ? '' : ` '${this.name}'`
    return `${this.block.spec.kind}${name} (${this.block.closed ? 'closed' : this.summary()})`
  }
}

/** A place in a block: `key` and `parked` are offsets from its data. Made anew while the block is open. */
export function placeIn(block: Block, key: number, parked: number | undefined): WaitPlace {
  block.checkOpen()
  const { number, base } = block.segment
  const offset = block.dataOffset
  return { segment: number, base, key: offset + key, parked: parked === undefined ? 0 : offset + parked }
}
