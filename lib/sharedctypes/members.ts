/** What Values and Arrays of every type have in common, mixed into classes as different as Int32Array and a struct's value. */
import { inspect } from 'node:util'
import type { AnyType } from '../ctypes/ctype.js'
import { describeType } from '../ctypes/struct.js'
import { invalidType } from '../errors.js'
import type { LockKindName } from '../memory/block.js'
import { type Handle, makeHandle } from '../memory/handle.js'
import { isShared, SHARED, unlinkBlock } from '../memory/shared-object.js'
import { Mutex } from '../sync/mutex.js'
import { BLOCK, CONTENT, type Constructor, type Internals, IS_ARRAY, LOCK, lockOf, TYPE } from './internals.js'

function lockInHandle(object: Internals): LockKindName | Handle {
  const state = object[LOCK]
  if (state.kind === 'none') return 'none'
  if (state.kind === 'own') return 'RLock'
  if (isShared(state.lock)) return state.lock.toJSON()
  throw invalidType('Expected the lock given to this object to be one of sharedctypes, so that it can be handed to another process')
}

/** `Value<c_int>`, `RawArray<c_double>(3)`. */
function titleOf(object: Internals, length: number | undefined): string {
  const kind = `${object[LOCK].kind === 'none' ? 'Raw' : ''}${length === undefined ? 'Value' : 'Array'}<${object[TYPE].name}>${length === undefined ? '' : `(${length})`}`
  return object[BLOCK].name === undefined ? kind : `${kind} '${object[BLOCK].name}'`
}

function ownerSuffix(object: Internals): string {
  const lock = lockOf(object)
  const owner = lock instanceof Mutex && !lock.closed ? lock.owner : null
  return owner === null ? '' : ` (held by process ${owner.pid}, thread ${owner.tid})`
}

/**
 * Adds the members of {@link SharedObject}, `type` and inspection.
 *
 * @param isArray - arrays have a length, also in their handles
 */
export function sharedMembers<B extends Constructor<object>>(Base: B, isArray: boolean): B & Constructor<Internals> {
  const Members = class extends Base {
    get [SHARED](): true {
      return true
    }

    get [IS_ARRAY](): boolean {
      return isArray
    }

    get #internals(): Internals {
      return this as unknown as Internals
    }

    get #length(): number | undefined {
      return isArray ? this.#internals[BLOCK].bytes / this.#internals[TYPE].size : undefined
    }

    get type(): AnyType {
      return this.#internals[TYPE]
    }

    get name(): string | undefined {
      return this.#internals[BLOCK].name
    }

    toJSON(): Handle {
      const internals = this.#internals
      return makeHandle(internals[BLOCK], {
        kind: isArray ? 'Array' : 'Value',
        lock: lockInHandle(internals),
        type: describeType(internals[TYPE]),
        length: this.#length ?? 1,
      })
    }

    close(): void {
      this.#internals[BLOCK].close()
    }

    unlink(): void {
      unlinkBlock(this.#internals[BLOCK])
    }

    [Symbol.dispose](): void {
      this.close()
    }

    [inspect.custom](_depth: number, options: object): string {
      const internals = this.#internals
      const title = titleOf(internals, this.#length)
      if (internals[BLOCK].closed) return `${title} (closed)`
      const content = internals[CONTENT]()
      return `${title} ${inspect(content, options)}${ownerSuffix(internals)}`
    }
  }
  return Members as unknown as B & Constructor<Internals>
}
