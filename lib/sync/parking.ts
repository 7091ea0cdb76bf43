/** Waiting in line for a place in shared memory, blocking the thread; and waking those who wait. The addon's parking lot does the work. */
import { native, regs } from '../native.js'
import { AsyncLine } from './async-line.js'

/** What is waited for. */
export interface WaitPlace {
  /** The segment's number. */
  readonly segment: number
  /** Its address in this process. */
  readonly base: number
  /** The offset in the segment by which waiters and wakers find each other. */
  readonly key: number
  /** The offset of the word that counts the records in line; 0: none. */
  readonly parked: number
}

/** What `waitPark` answers. */
const CHANGED = 1
const FULL = 2

/** Between two looks at whether somebody has died: ms, at first and at most; in between, a tenth of the time waited already. */
const FIRST_LOOK = 10
const LAST_LOOK = 100

/** How long to sleep next, in ms, having waited for `waited` with `left` to go. */
export function slice(waited: number, left: number): number {
  return Math.min(left, LAST_LOOK, Math.max(FIRST_LOOK, waited / 10))
}

/** Fills in what all functions of the addon for waiting read. */
export function setPlace({ segment, key, parked }: WaitPlace, record: number): void {
  regs[0] = segment
  regs[1] = key
  regs[2] = parked
  regs[3] = record
}

export function noRoom(what: string): Error {
  const message = `ENOSPC: no room for another waiter in the memory of ${what}; each thing that a thread waits for takes one place`
  return Object.assign(new Error(message), { code: 'ENOSPC', errno: -28, syscall: 'wait' })
}

/** A 32-bit word that must still have this value when the wait begins. */
export interface Expected {
  readonly offset: number
  /** Unsigned. */
  readonly value: number
}

/**
 * Gets in line.
 *
 * @param record - -1, or one that is to stand for one more wait
 * @returns the record; -1 if the word has another value
 * @throws ENOSPC
 */
export function park(place: WaitPlace, expected: Expected | undefined, record: number, what: string): number {
  setPlace(place, record)
  regs[4] = expected?.offset ?? 0
  regs[5] = expected?.value ?? 0
  native.waitPark()
  if (regs[0] === CHANGED) return -1
  if (regs[0] === FULL) throw noRoom(what)
  return regs[3] as number
}

/** Leaves the line; true: the wake-up had been given, and is used up. */
export function leave(place: WaitPlace, record: number): boolean {
  setPlace(place, record)
  native.waitLeave()
  return regs[0] === 1
}

/**
 * Sleeps in line until woken.
 *
 * @param timeout - ms
 * @param occurred - looked at now and then: whether what is waited for has happened, though nobody woke us
 */
export function sleepInLine(place: WaitPlace, record: number, timeout: number, occurred?: () => boolean): boolean {
  const start = performance.now()
  for (let waited = 0; ; waited = performance.now() - start) {
    if (waited >= timeout) return leave(place, record)
    setPlace(place, record)
    regs[4] = slice(waited, timeout - waited)
    native.waitSleep()
    if (regs[0] === 1 || occurred?.()) {
      leave(place, record)
      return true
    }
    setPlace(place, record)
    native.waitTend()
  }
}

/**
 * Waits in line until an attempt succeeds.
 *
 * @param attempt - also looks after the dead; may throw, which ends the wait
 */
export function takeInLine(place: WaitPlace, timeout: number, attempt: () => boolean, what: string): boolean {
  const start = performance.now()
  const record = park(place, undefined, -1, what)
  try {
    for (let waited = 0; ; waited = performance.now() - start) {
      setPlace(place, record)
      native.waitAgain() // before the attempt: whoever releases after it grants anew
      if (attempt()) return true
      if (waited >= timeout) return false
      setPlace(place, record)
      regs[4] = slice(waited, timeout - waited)
      native.waitSleep()
    }
  } finally {
    leave(place, record)
  }
}

/** Wakes `count` waits, oldest first; says how many living ones. */
export function unpark(place: WaitPlace, count: number): number {
  setPlace(place, -1)
  regs[4] = count >= 2 ** 32 - 1 ? -1 : count
  native.unpark()
  const woken = regs[0] as number
  if (woken > 0) AsyncLine.poke(place.base + place.key)
  return woken
}
