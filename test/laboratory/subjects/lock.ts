/** Lock and RLock: increments under a lock, written down so that any that a death tears or loses shows (helpers/ledger.ts). */
import { attach, Lock, type LockOptions, OwnerDiedError, RLock } from '../../../lib/index.js'
import { Ledger, type LedgerHandle } from '../../helpers/ledger.js'
import type { Bench } from '../bench.js'
import { SLOTS } from '../board.js'
import { type Desk, Finding, type Operation, Phase, type Play, type Step, type Subject, spend } from '../subject.js'

const PARTS = ['words', 'commits', 'acks', 'pids'] as const
const FUNCTIONS = [
  'after_lock',
  'try_otherwise',
  'unlock',
  'LockWait',
  'LockRelease',
  'LockReleaseAs',
  'release_otherwise',
  'mutex_lock_for',
  'spin_for',
  'wake_watchers',
  'watched_lock',
  'WatchedLock::ready',
  'LockDeepen',
]

type Make = (options?: LockOptions) => Lock

function checkLedger(ledger: Ledger, dead: number | undefined): void {
  const { acks, commits, counter, tally } = ledger
  let sum = 0
  for (let i = 0; i < commits.length; i++) {
    const acknowledged = Atomics.load(acks, i) // first: its party goes on
    const committed = Atomics.load(commits, i)
    if (committed < acknowledged) throw new Finding('lost update', `party ${i} knows of ${acknowledged} increments, ${committed} are there`)
    sum += committed
  }
  if (counter !== sum) throw new Finding('lost update', `the counter is ${counter}, ${sum} increments were made`)
  if (dead !== undefined) {
    const left = Atomics.load(commits, dead) - Atomics.load(acks, dead)
    if (left > 1) throw new Finding('broken rule', `party ${dead} was killed within ${left} increments`)
  }
  if (tally.untold > 0) throw new Finding('broken rule', 'a torn increment, and its finder was not told of a death')
  if (tally.mistaken > 0) throw new Finding('broken rule', 'the dead owner was told by a wrong pid')
}

function play(bench: Bench, make: Make, variant: string): Play {
  const ledger = Ledger.create(SLOTS)
  const named = variant === 'function'
  const name = bench.freshName()
  const lock = named
    ? make({ name, onOwnerDied: (_, { pid }) => ledger.mend(pid) })
    : make({ onOwnerDied: variant === 'throw' ? 'throw' : 'recover' })
  const handles = { lock: named ? name : lock.toJSON(), ...ledger.toJSON() }
  let counted = 0

  /** By one that lives, after a death. */
  async function look(dead: number | undefined): Promise<void> {
    try {
      if (!(await lock.acquireAsync({ timeout: bench.patience.ms }))) throw new Finding('hang', 'the next taker does not get the lock')
    } catch (error) {
      if (!(error instanceof OwnerDiedError)) throw error
      lock.recover(() => ledger.mend(error.pid))
      return look(dead)
    }
    if (variant === 'recover') ledger.look(lock)
    else ledger.lookForUntold()
    checkLedger(ledger, dead)
    if (ledger.counter < counted) throw new Finding('lost update', `the counter went from ${counted} to ${ledger.counter}`)
    counted = ledger.counter
    lock.release()
  }

  return {
    handles,
    verify: async (dead) => {
      await look(dead)
      await bench.goOn(bench.members)
    },
    finish: async () => {
      await look(undefined)
      if (lock.locked) throw new Finding('broken rule', 'the lock is held, and nobody lives')
    },
    close: () => {
      if (named) lock.unlink()
      lock.close()
      ledger.close()
    },
    stale: PARTS.map((part) => ledger.toJSON()[part]).concat(named ? [] : [lock.toJSON()]),
  }
}

function join(desk: Desk, make: Make): Record<string, Operation> {
  const { slot, variant } = desk
  const ledger = Ledger.attach(Object.fromEntries(PARTS.map((part) => [part, desk.given(part)])) as LedgerHandle)
  Atomics.store(ledger.pids, slot, process.pid)
  const given = desk.given('lock')
  const lock =
    typeof given === 'string' ? make({ name: given, create: false, onOwnerDied: (_, { pid }) => ledger.mend(pid) }) : attach<Lock>(given)

  /** Under the lock. */
  function increment(step: Step): void {
    desk.phase(Phase.inside)
    if (lock.owner?.pid !== process.pid) throw new Error(`the lock says that ${lock.owner?.pid} has it, and it is ${process.pid}`)
    if (variant === 'recover') ledger.look(lock)
    else ledger.lookForUntold()
    spend(step.work)
    ledger.increment(slot)
    spend(step.work)
  }
  const acknowledge = () => void Atomics.add(ledger.acks, slot, 1)

  /** Who is refused because somebody died with the lock mends what it guards. */
  async function recovering(take: () => unknown): Promise<void> {
    try {
      await take()
    } catch (error) {
      if (!(error instanceof OwnerDiedError)) throw error
      try {
        lock.recover(() => ledger.mend(error.pid))
      } catch (again) {
        if (!(again instanceof OwnerDiedError)) throw again // another one was killed while it did the same
      }
    }
  }

  async function take(step: Step): Promise<void> {
    const timeout = desk.limit(step)
    desk.phase(step.how === 'sync' ? Phase.waiting : Phase.waitingAsync)
    const taken = step.how === 'sync' ? lock.acquire(timeout) : await lock.acquireAsync({ timeout })
    if (!taken) return
    increment(step)
    lock.release()
    acknowledge()
  }

  async function withLock(step: Step): Promise<void> {
    if (step.how === 'sync') {
      desk.phase(Phase.waiting)
      lock.withLock(() => deeper(step, step.n))
    } else {
      desk.phase(Phase.waitingAsync)
      await lock.withLockAsync(async () => {
        increment(step)
        await undefined
      })
    }
    acknowledge()
  }

  /** An RLock, as often as the step says. */
  function deeper(step: Step, depth: number): void {
    if (make === RLock && depth > 1) lock.withLock(() => deeper(step, depth - 1))
    else increment(step)
  }

  return { take: (step) => recovering(() => take(step)), withLock: (step) => recovering(() => withLock(step)) }
}

function subjectOf(make: Make): Subject {
  const phases = ['elsewhere', 'waits, blocking', 'waits, asynchronous', 'holds it']
  return {
    roles: { taker: { operations: ['take', 'withLock'], functions: FUNCTIONS, phases } },
    least: ['taker', 'taker'],
    most: 4,
    variants: ['recover', 'throw', 'function'],
    open: (bench, variant) => play(bench, make, variant),
    join: (desk) => join(desk, make),
  }
}

export const lock: Subject = subjectOf(Lock)
export const rlock: Subject = subjectOf(RLock)
