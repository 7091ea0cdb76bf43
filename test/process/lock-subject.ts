/** What the contract of locks is run for. */
import { BoundedSemaphore, type Handle, Lock, RLock, RWLock, Semaphore, Value } from '../../lib/index.js'
import { asLock, type LockLike } from '../helpers/open-lock.js'
import { freshName } from '../helpers/paths.js'

/** Something lock-like made for one test. */
export interface Made {
  readonly lock: LockLike
  /** What is shown in an inspection, and has a handle: the lock, or the object that it is part of. */
  readonly object: { toJSON(): Handle }
  /** From it others get the lock, with openLock. */
  readonly handle: Handle
  /** Closes the lock's object, which is not always the lock itself. */
  close(): void
  /** After the test. */
  remove(): void
}

export interface LockSubject {
  readonly title: string
  /**
   * Whether it belongs to who took it: others can't release it, it refuses to wait for itself, tells its owner, and tells the next taker that
   * its owner died. Permits belong to a process, and anybody may release.
   */
  readonly owned: boolean
  /** Whether its holder can take it again. */
  readonly recursive: boolean
  /** What an inspection begins with. */
  readonly shownAs: RegExp
  make(): Made
}

interface Removable {
  readonly name: string | undefined
  toJSON(): Handle
  close(): void
  unlink(): void
}

function made(object: Removable, lock: LockLike): Made {
  return {
    lock,
    object,
    handle: object.toJSON(),
    close: () => object.close(),
    remove: () => {
      if (object.name !== undefined) object.unlink()
      object.close()
    },
  }
}

function ofLock(lock: Lock): Made {
  return made(lock, lock)
}

function ofSemaphore(semaphore: Semaphore): Made {
  return made(semaphore, asLock(semaphore))
}

function ofWriteHalf(lock: RWLock): Made {
  return made(lock, lock.write)
}

function ofValue(): Made {
  const value = Value('c_int', 0)
  const close = () => value.close()
  return { lock: value.getLock(), object: value.getLock(), handle: value.toJSON(), close, remove: close }
}

const lock = { owned: true, recursive: false }
const rlock = { owned: true, recursive: true }
const permit = { owned: false, recursive: false }

export const subjects: readonly LockSubject[] = [
  { title: 'Lock', ...lock, shownAs: /^Lock/, make: () => ofLock(Lock()) },
  { title: 'RLock', ...rlock, shownAs: /^RLock/, make: () => ofLock(RLock()) },
  { title: 'a named Lock', ...lock, shownAs: /^Lock 'test-lock-/, make: () => ofLock(Lock({ name: freshName('lock') })) },
  { title: 'a named RLock', ...rlock, shownAs: /^RLock 'test-rlock-/, make: () => ofLock(RLock({ name: freshName('rlock') })) },
  { title: "a Value's own lock", ...rlock, shownAs: /^RLock/, make: () => ofValue() },
  { title: "an RWLock's write half", ...lock, shownAs: /^RWLock/, make: () => ofWriteHalf(RWLock()) },
  {
    title: "a named RWLock's write half",
    ...lock,
    shownAs: /^RWLock 'test-rwlock-/,
    make: () => ofWriteHalf(RWLock({ name: freshName('rwlock') })),
  },
  { title: 'a Semaphore of one permit', ...permit, shownAs: /^Semaphore/, make: () => ofSemaphore(Semaphore(1)) },
  { title: 'a BoundedSemaphore of one permit', ...permit, shownAs: /^BoundedSemaphore/, make: () => ofSemaphore(BoundedSemaphore(1)) },
  {
    title: 'a named Semaphore of one permit',
    ...permit,
    shownAs: /^Semaphore 'test-semaphore-/,
    make: () => ofSemaphore(Semaphore(1, { name: freshName('semaphore') })),
  },
]
