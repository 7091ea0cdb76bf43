/** Condition: waiters take items that notifiers put there. notify() says exactly how many living waits it woke, and those go on. */
import { Condition } from '../../../lib/index.js'
import type { Bench } from '../bench.js'
import { Shared } from '../board.js'
import { type Desk, Finding, type Operation, Phase, type Play, pause, type Step, type Subject, spend } from '../subject.js'
import { beginWait, checkWakes, endWait, hasBegun, type Line } from './wakes.js'

const ITEMS = Shared.own
const MOST_ITEMS = 20

function play(bench: Bench, variant: string): Play {
  const named = variant === 'named'
  const condition = Condition(undefined, named ? { name: bench.freshName() } : undefined)
  const handle = condition.toJSON()
  let calls = 0

  async function locked<T>(call: () => T): Promise<T> {
    const timeout = bench.patience.ms
    if (!(await condition.acquireAsync({ timeout }))) throw new Finding('hang', 'the next taker does not get the lock of the condition')
    try {
      return call()
    } finally {
      condition.release()
    }
  }

  return {
    handles: { condition: handle },
    verify: async () => {
      // They say that they wait while they have the lock, which they let go of when they are in line.
      const line: Line = { waiters: bench.of('waiter'), waits: hasBegun, exclusively: locked, notifyAll: () => condition.notifyAll() }
      await checkWakes(bench, line, (count) => condition.notify(count), 1 + (calls++ % 4))
      await bench.goOn(bench.members)
    },
    finish: async () => {
      const woken = await locked(() => condition.notifyAll())
      if (woken !== 0) throw new Finding('broken rule', `${woken} were woken, and nobody lives`)
    },
    close: () => {
      if (named) condition.unlink()
      condition.close()
    },
    stale: named ? [] : [handle],
  }
}

class Waiter {
  readonly #desk: Desk
  readonly #condition: Condition

  constructor(desk: Desk) {
    this.#desk = desk
    this.#condition = desk.open('condition')
  }

  async wait(step: Step): Promise<void> {
    const desk = this.#desk
    const condition = this.#condition
    const timeout = desk.limit(step)
    if (step.how === 'sync') {
      condition.withLock(() => {
        beginWait(desk, step, timeout)
        endWait(desk, condition.wait(timeout))
      })
      return
    }
    await condition.withLockAsync(async () => {
      beginWait(desk, step, timeout)
      endWait(desk, await condition.waitAsync({ timeout }))
    })
  }

  /** Called first before the wait, then after each. */
  #predicate(step: Step, timeout: number | undefined): () => boolean {
    let calls = 0
    return () => {
      if (calls++ > 0) endWait(this.#desk, true)
      if (itemsOn(this.#desk) > 0) return true
      beginWait(this.#desk, step, timeout)
      return false
    }
  }

  #take(found: boolean): void {
    if (found) Atomics.sub(this.#desk.board.words, ITEMS, 1)
  }

  async waitFor(step: Step): Promise<void> {
    const condition = this.#condition
    const timeout = this.#desk.limit(step)
    if (step.how === 'sync') condition.withLock(() => this.#take(condition.waitFor(this.#predicate(step, timeout), timeout)))
    else await condition.withLockAsync(async () => this.#take(await condition.waitForAsync(this.#predicate(step, timeout), { timeout })))
  }
}

function itemsOn({ board }: Desk): number {
  return Atomics.load(board.words, ITEMS)
}

async function notify(desk: Desk, condition: Condition, { how, work }: Step, count: number): Promise<void> {
  const put = () => {
    desk.phase(Phase.inside)
    if (itemsOn(desk) < MOST_ITEMS) Atomics.add(desk.board.words, ITEMS, 1)
    spend(work)
    const woken = condition.notify(count)
    if (woken > count) throw new Error(`notify(${count}) says ${woken}`)
  }
  desk.phase(how === 'sync' ? Phase.waiting : Phase.waitingAsync)
  if (how === 'sync') condition.withLock(put)
  else await condition.withLockAsync(put)
  await pause()
}

function join(desk: Desk, role: string): Record<string, Operation> {
  if (role === 'waiter') {
    const waiter = new Waiter(desk)
    return { wait: (step) => waiter.wait(step), waitFor: (step) => waiter.waitFor(step) }
  }
  const condition = desk.open<Condition>('condition')
  return {
    notify: (step) => notify(desk, condition, step, step.n),
    notifyAll: (step) => notify(desk, condition, step, Number.POSITIVE_INFINITY),
  }
}

const LOCKING = ['LockWait', 'unlock', 'after_lock', 'LotLock::LotLock', 'LotLock::~LotLock']

export const condition: Subject = {
  roles: {
    waiter: {
      operations: ['wait', 'wait', 'waitFor'],
      functions: [
        ...LOCKING,
        'park_locked',
        'park_leave',
        'park_take',
        'park_tend',
        'park_sleep',
        'free_record',
        'bury',
        'WaitPark',
        'WatchedRecord::ready',
      ],
      phases: ['elsewhere', 'waits, blocking', 'waits, asynchronous'],
    },
    notifier: {
      operations: ['notify', 'notify', 'notifyAll'],
      functions: [...LOCKING, 'unpark', 'unpark_locked', 'grant_oldest', 'grant', 'Wakes::~Wakes', 'free_record', 'Liveness::alive'],
      phases: ['elsewhere', 'takes the lock', 'takes the lock, asynchronously', 'notifies'],
    },
  },
  least: ['waiter', 'notifier'],
  most: 4,
  variants: ['anonymous', 'named'],
  open: play,
  join,
}
