/** What the contract of waits is run for. */
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  type Handle,
  Lock,
  RawArray,
  RawValue,
  Semaphore,
  Array as SharedArray,
  Value,
} from '../../lib/index.js'
import { type Waitable, waitableOf } from '../helpers/open-waitable.js'
import { freshName } from '../helpers/paths.js'

/** Something to wait on, made for one test. */
export interface Made {
  readonly waitable: Waitable
  /** From it others get it, with openWaitable. */
  readonly handle: Handle
  /** After the test. */
  remove(): void
}

export interface WaitSubject {
  readonly title: string
  /** Whom a wake-up goes to: as many as are asked for, or all that wait. */
  readonly wakes: 'some' | 'all'
  /** Whether it says how many it woke. */
  readonly counts: boolean
  /** Whether wake-ups that nobody waits for are kept for those who come later. */
  readonly keeps: boolean
  /** Whether all who wait, wherever and however, stand in one line. */
  readonly fair: boolean
  make(): Made
}

type Thing = Parameters<typeof waitableOf>[0] & { readonly name: string | undefined; toJSON(): Handle; unlink(): void }

function made(object: Thing, also?: { close(): void }): Made {
  return {
    waitable: waitableOf(object),
    handle: object.toJSON(),
    remove: () => {
      if (object.name !== undefined) object.unlink()
      object.close()
      also?.close()
    },
  }
}

function drained(semaphore: BoundedSemaphore, permits: number): BoundedSemaphore {
  for (let i = 0; i < permits; i++) semaphore.acquire()
  return semaphore
}

function onLock(): Made {
  const lock = Lock()
  return made(Condition(lock), lock)
}

const event = { wakes: 'all', counts: false, keeps: false, fair: false } as const
const counted = { wakes: 'some', counts: true, keeps: false, fair: true } as const
const permits = { wakes: 'some', counts: false, keeps: true, fair: false } as const
/** More permits than any test gives back. */
const MANY = 2000

export const subjects: readonly WaitSubject[] = [
  { title: 'an Event', ...event, make: () => made(Event()) },
  { title: 'a named Event', ...event, make: () => made(Event({ name: freshName('event') })) },
  { title: 'a Condition', ...counted, make: () => made(Condition()) },
  { title: 'a Condition on a Lock', ...counted, make: () => onLock() },
  { title: 'a named Condition', ...counted, make: () => made(Condition(undefined, { name: freshName('condition') })) },
  { title: 'a Semaphore', ...permits, make: () => made(Semaphore(0)) },
  { title: 'a BoundedSemaphore', ...permits, make: () => made(drained(BoundedSemaphore(MANY), MANY)) },
  { title: 'a named Semaphore', ...permits, make: () => made(Semaphore(0, { name: freshName('semaphore') })) },
  { title: 'a Value', ...counted, make: () => made(Value('c_int', 0)) },
  { title: 'a RawValue', ...counted, make: () => made(RawValue('c_int32', 0)) },
  { title: 'a named Value', ...counted, make: () => made(Value('c_int', 0, { name: freshName('value') })) },
  { title: 'an Array', ...counted, make: () => made(SharedArray('c_int', 3)) },
  { title: 'a large RawArray', ...counted, make: () => made(RawArray('c_int32', 5000)) },
]

/** Waiting on a Barrier of two ends when the second comes; what it has in common with the others is how a wait ends otherwise. */
export const barrier: Pick<WaitSubject, 'title' | 'make'> = { title: 'a Barrier', make: () => made(Barrier(2)) }
