/** What happens when the next taker of a lock finds that its owner was killed. */
import { isThenable, wrongType } from '../check.js'
import { invalidType } from '../errors.js'

/**
 * - `'recover'` (default): the taker gets the lock, `ownerDied` is true until it releases, and the process warns once for each death.
 * - `'throw'`: the taker gets OwnerDiedError and not the lock, and so does every taker until one calls `recover()`.
 * - a function: it runs under the lock first, to mend the data. If it throws, the lock is let go, still unmended, and the error goes to the taker.
 */
export type OnOwnerDied<L> = 'recover' | 'throw' | ((lock: L, dead: { pid: number }) => void)

export function checkPolicy<L>(policy: unknown): OnOwnerDied<L> {
  if (policy === undefined) return 'recover'
  if (policy === 'recover' || policy === 'throw' || typeof policy === 'function') return policy as OnOwnerDied<L>
  throw wrongType('onOwnerDied', "'recover', 'throw' or a function", policy)
}

/** Runs a mending function. A promise can't be waited for while the lock is being taken. */
export function mend<L>(policy: (lock: L, dead: { pid: number }) => unknown, lock: L, pid: number): void {
  if (isThenable(policy(lock, { pid })))
    throw invalidType('Expected `onOwnerDied` to mend the data before it returns, got a function that returns a promise')
}

/** `Process 123`, or `A process` where it was killed before it could sign. */
export function theDead(pid: number): string {
  return pid === 0 ? 'A process' : `Process ${pid}`
}

export function warnOwnerDied(what: string, pid: number): void {
  const who = pid === 0 ? 'a process' : `process ${pid}`
  process.emitWarning(`${who} died holding ${what}; what it guards may be half changed`, {
    type: 'OwnerDiedWarning',
    code: 'SHAREDCTYPES_OWNER_DIED',
    detail: 'See onOwnerDied in the documentation of Lock for ways to mend it.',
  })
}
