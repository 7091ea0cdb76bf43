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

class Taker {
  readonly #desk: Desk
  readonly #ledger: Ledger
  readonly #lock: Lock
  /** It may take a lock that it holds already. */
  readonly #recursive: boolean

  constructor(desk: Desk, make: Make) {
    this.#desk = desk
    const ledger = Ledger.attach(Object.fromEntries(PARTS.map((part) => [part, desk.given(part)])) as LedgerHandle)
    const given = desk.given('lock')
    const mend = { onOwnerDied: (_: Lock, { pid }: { pid: number }) => ledger.mend(pid) }
    this.#ledger = ledger
    this.#lock = typeof given === 'string' ? make({ name: given, create: false, ...mend }) : attach<Lock>(given)
    this.#recursive = make === RLock
    Atomics.store(ledger.pids, desk.slot, process.pid)
  }

  /** Under the lock. */
  #increment({ work }: Step): void {
    const owner = this.#lock.owner?.pid
    this.#desk.phase(Phase.inside)
    if (owner !== process.pid) throw new Error(`the lock says that ${owner} has it, and it is ${process.pid}`)
    if (this.#desk.variant === 'recover') this.#ledger.look(this.#lock)
    else this.#ledger.lookForUntold()
    spend(work)
    this.#ledger.increment(this.#desk.slot)
    spend(work)
  }

  #acknowledge(): void {
    Atomics.add(this.#ledger.acks, this.#desk.slot, 1)
  }

  /** Who is refused because somebody died with the lock mends what it guards. */
  async recovering(take: Promise<void>): Promise<void> {
    try {
      await take
    } catch (error) {
      if (!(error instanceof OwnerDiedError)) throw error
      try {
        this.#lock.recover(() => this.#ledger.mend(error.pid))
      } catch (again) {
        if (!(again instanceof OwnerDiedError)) throw again // another one was killed while it did the same
      }
    }
  }

  async take(step: Step): Promise<void> {
    const timeout = this.#desk.limit(step)
    this.#desk.phase(step.how === 'sync' ? Phase.waiting : Phase.waitingAsync)
    const taken = step.how === 'sync' ? this.#lock.acquire(timeout) : await this.#lock.acquireAsync({ timeout })
    if (!taken) return
    this.#increment(step)
    this.#lock.release()
    this.#acknowledge()
  }

  async withLock(step: Step): Promise<void> {
    if (step.how === 'sync') {
      this.#desk.phase(Phase.waiting)
      this.#lock.withLock(() => this.#deeper(step, this.#recursive ? step.n : 1))
    } else {
      this.#desk.phase(Phase.waitingAsync)
      await this.#lock.withLockAsync(async () => {
        this.#increment(step)
        await undefined
      })
    }
    this.#acknowledge()
  }

  #deeper(step: Step, depth: number): void {
    if (depth > 1) this.#lock.withLock(() => this.#deeper(step, depth - 1))
    else this.#increment(step)
  }
}

function join(desk: Desk, make: Make): Record<string, Operation> {
  const taker = new Taker(desk, make)
  return {
    take: (step) => taker.recovering(taker.take(step)),
    withLock: (step) => taker.recovering(taker.withLock(step)),
  }
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
