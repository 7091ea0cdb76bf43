/** What happens when the next taker of a lock finds that its owner was killed. */
import { isThenable, wrongType } from '../check.js'
import { invalidType, OwnerDiedError } from '../errors.js'

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
function mend<L>(policy: (lock: L, dead: { pid: number }) => unknown, lock: L, pid: number): void {
  if (isThenable(policy(lock, { pid })))
    throw invalidType('Expected `onOwnerDied` to mend the data before it returns, got a function that returns a promise')
}

/** `Process 123`, or `A process` where it was killed before it could sign. */
function theDead(pid: number): string {
  return pid === 0 ? 'A process' : `Process ${pid}`
}

function warnOwnerDied(what: string, pid: number): void {
  const who = pid === 0 ? 'a process' : `process ${pid}`
  process.emitWarning(`${who} died holding ${what}; what it guards may be half changed`, {
    type: 'OwnerDiedWarning',
    code: 'SHAREDCTYPES_OWNER_DIED',
    detail: 'See onOwnerDied in the documentation of Lock for ways to mend it.',
  })
}

/**
 * Applies a policy for dead owners, under the lock that one left.
 *
 * @param lock - what a mending function gets
 * @param fate - how it died and what to do, in words behind "Process 123"
 * @throws OwnerDiedError, or what the mending function throws
 */
export function applyPolicy<L>(policy: OnOwnerDied<L>, lock: () => L, pid: number, what: string, fate: string): void {
  if (policy === 'recover') warnOwnerDied(what, pid)
  else if (policy === 'throw') throw new OwnerDiedError(pid, `${theDead(pid)} ${fate}`)
  else mend(policy, lock(), pid)
}
