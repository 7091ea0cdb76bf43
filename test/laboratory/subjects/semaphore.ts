/** Semaphores: permits are held, waited for, and given back by others than those who took them. None is lost, none is there twice. */
import { BoundedSemaphore, type Handle, OverReleaseError, RawArray, Semaphore } from '../../../lib/index.js'
import { isAlive } from '../../helpers/proc.js'
import type { Bench } from '../bench.js'
import { Column } from '../board.js'
import { type Desk, Finding, type Operation, Phase, type Play, pause, type Step, type Subject, spend } from '../subject.js'

/** Words of `seats`: who has a permit, by pid; behind them how many permits were handed on to whoever gives them back. */
const MOST_PERMITS = 3
const TOKENS = MOST_PERMITS
/** Of a giver: releases begun; 1: one of them is under way. */
const BEGUN = Column.own
const OWED = Column.own + 1

type Make = typeof Semaphore
type Seats = RawArray<'c_int32'>

function permitsOf(variant: string): number {
  return Number(variant.split(' ')[0])
}

class SemaphorePlay implements Play {
  readonly handles: { readonly semaphore: Handle; readonly seats: Handle }
  readonly stale: readonly Handle[]
  readonly #bench: Bench
  readonly #semaphore: Semaphore
  readonly #seats: Seats = RawArray('c_int32', MOST_PERMITS + 1)
  readonly #permits: number
  readonly #named: boolean
  /** Givers may add permits; see `giveBack`. */
  readonly #bounded: boolean

  constructor(bench: Bench, make: Make, variant: string) {
    this.#bench = bench
    this.#permits = permitsOf(variant)
    this.#named = variant.endsWith('named')
    this.#bounded = make === BoundedSemaphore
    this.#semaphore = make(this.#permits, this.#named ? { name: bench.freshName() } : undefined)
    this.handles = { semaphore: this.#semaphore.toJSON(), seats: this.#seats.toJSON() }
    this.stale = this.#named ? [this.handles.seats] : [this.handles.semaphore, this.handles.seats]
  }

  /** What a giver had begun when it was killed may be done or not: done twice, one is there too many, which the rules for givers allow. */
  #settleDebt(slot: number): void {
    const { board } = this.#bench
    if (board.get(slot, OWED) === 0) return
    board.set(slot, OWED, 0)
    board.add(slot, BEGUN)
    giveBack(this.#semaphore)
  }

  async verify(dead: number | undefined): Promise<void> {
    const semaphore = this.#semaphore
    if (dead !== undefined) this.#settleDebt(dead)
    if (!(await semaphore.acquireAsync({ timeout: this.#bench.patience.ms })))
      throw new Finding('hang', `nobody gives a permit back; value ${semaphore.value}`)
    semaphore.release()
    await this.#bench.goOn(this.#bench.members)
  }

  async finish(): Promise<void> {
    const semaphore = this.#semaphore
    const { patience, board } = this.#bench
    for (let i = 0; i < this.#permits; i++)
      if (!(await semaphore.acquireAsync({ timeout: patience.ms })))
        throw new Finding('lost permit', `of ${this.#permits} permits ${i} are left`)
    let all = this.#permits
    while (semaphore.tryAcquire()) all++
    const allowed = this.#permits + (this.#bounded ? 0 : board.sum(BEGUN))
    if (all > allowed) throw new Finding('broken rule', `${this.#permits} permits have become ${all}; ${allowed} at most might be there`)
    semaphore.release(all)
    if (semaphore.value !== all) throw new Finding('lost permit', `${semaphore.value} of ${all} permits are free, all should be`)
  }

  close(): void {
    if (this.#named) this.#semaphore.unlink()
    this.#semaphore.close()
    this.#seats.close()
  }
}

/** What a giver has given back already for somebody who died may be one too many now. */
function giveBack(semaphore: Semaphore): void {
  try {
    semaphore.release()
  } catch (error) {
    if (!(error instanceof OverReleaseError)) throw error
  }
}

/** A seat for a permit. Those who live have no more seats than permits, so there is always one free, or a dead one's. */
function sit(seats: Seats, permits: number): number {
  for (let looks = 0; looks < 1000; looks++) {
    for (let seat = 0; seat < permits; seat++) {
      const other = Atomics.load(seats, seat)
      if (other !== 0 && isAlive(other)) continue
      if (Atomics.compareExchange(seats, seat, other, process.pid) === other) return seat
    }
  }
  throw new Error(`more than ${permits} permits: ${seats.join(', ')} have one, and so has ${process.pid}`)
}

/** What takers and givers have. */
class User {
  protected readonly desk: Desk
  protected readonly semaphore: Semaphore
  protected readonly seats: Seats

  constructor(desk: Desk) {
    this.desk = desk
    this.semaphore = desk.open('semaphore')
    this.seats = desk.open('seats')
  }
}

class Taker extends User {
  readonly #permits: number = permitsOf(this.desk.variant)
  /** Where permits are handed on, who takes them has them no longer, and a death may bring one back that is given back already. */
  readonly #exclusive: boolean = this.desk.variant.includes('own')

  async #acquire(how: Step['how'], timeout: number | undefined): Promise<boolean> {
    return how === 'sync' ? this.semaphore.acquire(timeout) : this.semaphore.acquireAsync({ timeout })
  }

  #inside(held: number, { work }: Step): void {
    this.desk.phase(Phase.inside)
    const places = this.#exclusive ? Array.from({ length: held }, () => sit(this.seats, this.#permits)) : []
    spend(work)
    for (const seat of places) Atomics.store(this.seats, seat, 0)
  }

  #release(held: number): void {
    if (this.#exclusive) this.semaphore.release(held)
    else for (; held > 0; held--) giveBack(this.semaphore)
  }

  async take(step: Step): Promise<void> {
    this.desk.phase(step.how === 'sync' ? Phase.waiting : Phase.waitingAsync)
    let held = 0
    // Who has some already must not wait for ever for more: the others might do the same.
    const timeout = () => (held === 0 ? this.desk.limit(step) : 1)
    while (held < Math.min(step.n, this.#permits) && (await this.#acquire(step.how, timeout()))) held++
    if (held === 0) return
    this.#inside(held, step)
    this.#release(held)
  }

  /** Several waits of one thread, which share a place in line. */
  async together(step: Step): Promise<void> {
    this.desk.phase(Phase.waitingAsync)
    const waits = Array.from({ length: step.n }, async () => {
      if (!(await this.semaphore.acquireAsync({ timeout: this.desk.limit(step) }))) return
      this.#inside(1, step)
      this.#release(1)
      this.desk.phase(Phase.waitingAsync)
    })
    await Promise.all(waits)
  }

  async handOn(step: Step): Promise<void> {
    this.desk.phase(step.how === 'sync' ? Phase.waiting : Phase.waitingAsync)
    if (!(await this.#acquire(step.how, this.desk.limit(step)))) return
    this.desk.phase(Phase.inside)
    if (this.#exclusive) this.#release(1)
    else Atomics.add(this.seats, TOKENS, 1)
  }
}

class Giver extends User {
  async give(): Promise<void> {
    const { board, slot } = this.desk
    const tokens = Atomics.load(this.seats, TOKENS)
    if (tokens <= 0) return pause()
    this.desk.phase(Phase.inside)
    board.set(slot, OWED, 1)
    if (Atomics.compareExchange(this.seats, TOKENS, tokens, tokens - 1) === tokens) {
      board.add(slot, BEGUN)
      giveBack(this.semaphore)
    }
    board.set(slot, OWED, 0)
  }
}

function join(desk: Desk, role: string): Record<string, Operation> {
  if (role === 'giver') {
    const giver = new Giver(desk)
    return { give: () => giver.give() }
  }
  const taker = new Taker(desk)
  return { take: (step) => taker.take(step), together: (step) => taker.together(step), handOn: (step) => taker.handOn(step) }
}

const TAKING = [
  'ledger_move<semaphore_try>',
  'ledger_move<semaphore_give_one>',
  'ledger_enter',
  'semaphore_wait',
  'semaphore_tend',
  'semaphore_leave',
  'semaphore_pass_on',
  'semaphore_release',
  'park_locked',
  'park_leave',
  'park_sleep',
  'LotLock::LotLock',
  'LotLock::~LotLock',
  'grant_oldest',
  'bury',
  'WatchedSemaphore::tend',
  'SemTry',
  'SemRelease',
]
const GIVING = ['semaphore_release', 'ledger_move<semaphore_give_one>', 'ledger_held', 'wake', 'unpark', 'grant_oldest', 'SemReleaseMany']

function subjectOf(make: Make): Subject {
  const variants = ['own', 'handed on'].flatMap((how) => [
    `1 ${how}, anonymous`,
    `2 ${how}, anonymous`,
    `3 ${how}, named`,
    `1 ${how}, named`,
  ])
  return {
    roles: {
      taker: {
        operations: ['take', 'take', 'together', 'handOn'],
        functions: TAKING,
        phases: ['elsewhere', 'waits, blocking', 'waits, asynchronous', 'holds permits'],
      },
      giver: { operations: ['give'], functions: GIVING, phases: ['elsewhere', '', '', "gives back others' permits"] },
    },
    least: ['taker', 'taker', 'giver'],
    most: 4,
    variants,
    open: (bench, variant) => new SemaphorePlay(bench, make, variant),
    join,
  }
}

export const semaphore: Subject = subjectOf(Semaphore)
export const boundedSemaphore: Subject = subjectOf(BoundedSemaphore)
