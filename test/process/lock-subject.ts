/** The locks that the contract is run for. */
import { type Handle, Lock, RLock, Value } from '../../lib/index.js'
import { freshName } from '../helpers/paths.js'

/** A lock made for one test. */
export interface Made {
  readonly lock: Lock
  /** From it others get the lock, with openLock. */
  readonly handle: Handle
  /** Closes the lock's object, which is not always the lock itself. */
  close(): void
  /** After the test. */
  remove(): void
}

export interface LockSubject {
  readonly title: string
  /** Whether its holder can take it again. */
  readonly recursive: boolean
  /** What an inspection begins with. */
  readonly shownAs: RegExp
  make(): Made
}

function made(lock: Lock): Made {
  return {
    lock,
    handle: lock.toJSON(),
    close: () => lock.close(),
    remove: () => {
      if (lock.name !== undefined) lock.unlink()
      lock.close()
    },
  }
}

function ofValue(): Made {
  const value = Value('c_int', 0)
  const close = () => value.close()
  return { lock: value.getLock(), handle: value.toJSON(), close, remove: close }
}

export const subjects: readonly LockSubject[] = [
  { title: 'Lock', recursive: false, shownAs: /^Lock/, make: () => made(Lock()) },
  { title: 'RLock', recursive: true, shownAs: /^RLock/, make: () => made(RLock()) },
  { title: 'a named Lock', recursive: false, shownAs: /^Lock 'test-lock-/, make: () => made(Lock({ name: freshName('lock') })) },
  { title: 'a named RLock', recursive: true, shownAs: /^RLock 'test-rlock-/, make: () => made(RLock({ name: freshName('rlock') })) },
  { title: "a Value's own lock", recursive: true, shownAs: /^RLock/, make: () => ofValue() },
]
