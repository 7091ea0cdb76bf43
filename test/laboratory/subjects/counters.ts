/** Value and Array: one counter by atomic operations, one under the object's own lock. Each increment is announced before and acknowledged after. */
import { Array as SharedArray, type SharedArrayType, Value, type ValueType } from '../../../lib/index.js'
import type { Bench } from '../bench.js'
import { type Board, Column } from '../board.js'
import { type Desk, Finding, type Operation, Phase, type Play, type Step, type Subject, spend } from '../subject.js'

const BEGUN = Column.own
const DONE = Column.own + 1
const GUARDED_BEGUN = Column.own + 2
const GUARDED_DONE = Column.own + 3

/** What both have. */
interface Counters {
  readonly atomic: number
  readonly guarded: number
  add(): void
  compareExchange(): boolean
  increment(): void
  withLock(call: () => void): void
  withLockAsync(call: () => Promise<void>): Promise<void>
  acquire(timeout?: number): boolean
  acquireAsync(timeout: number): Promise<boolean>
  release(): void
}

function countersOf(atomic: ValueType<'c_int'>, guarded: ValueType<'c_int'>): Counters {
  const guard = guarded.getLock() as unknown as { acquireAsync(options: { timeout: number }): Promise<boolean> }
  return {
    get atomic() {
      return atomic.load()
    },
    get guarded() {
      return guarded.value
    },
    add: () => void atomic.add(1),
    compareExchange: () => {
      const now = atomic.load()
      return atomic.compareExchange(now, now + 1) === now
    },
    increment: () => {
      guarded.value += 1
    },
    withLock: (call) => guarded.withLock(call),
    withLockAsync: (call) => guarded.withLockAsync(call),
    acquire: (timeout) => guarded.acquire(timeout),
    acquireAsync: (timeout) => guard.acquireAsync({ timeout }),
    release: () => guarded.release(),
  }
}

/** Elements 0 and 1. */
function countersIn(array: SharedArrayType<'c_int'>): Counters {
  const guard = array.getLock() as unknown as { acquireAsync(options: { timeout: number }): Promise<boolean> }
  return {
    get atomic() {
      return Atomics.load(array, 0)
    },
    get guarded() {
      return array[1] as number
    },
    add: () => void Atomics.add(array, 0, 1),
    compareExchange: () => {
      const now = Atomics.load(array, 0)
      return Atomics.compareExchange(array, 0, now, now + 1) === now
    },
    increment: () => {
      array[1] = (array[1] as number) + 1
    },
    withLock: (call) => array.withLock(call),
    withLockAsync: (call) => array.withLockAsync(call),
    acquire: (timeout) => array.acquire(timeout),
    acquireAsync: (timeout) => guard.acquireAsync({ timeout }),
    release: () => array.release(),
  }
}

/** `read` gives the counter, which lies between what was acknowledged before it was read and what was announced after that. */
function check(board: Board, what: string, done: number, begun: number, read: () => number): void {
  const least = board.sum(done)
  const value = read()
  const most = board.sum(begun)
  if (value < least) throw new Finding('lost update', `${what} is ${value} after ${least} increments`)
  if (value > most) throw new Finding('broken rule', `${what} is ${value}, and only ${most} increments were begun`)
}

function play(bench: Bench, counters: Counters, objects: readonly (ValueType<'c_int'> | SharedArrayType<'c_int'>)[]): Play {
  const handles = objects.map((object) => object.toJSON())
  const look = () => {
    check(bench.board, 'the atomic counter', DONE, BEGUN, () => counters.atomic)
    check(bench.board, 'the guarded counter', GUARDED_DONE, GUARDED_BEGUN, () => counters.guarded)
  }
  const lock = async () => {
    if (!(await counters.acquireAsync(bench.patience.ms))) throw new Finding('hang', 'the next taker does not get the lock')
    look()
    counters.release()
  }
  return {
    handles: Object.fromEntries(handles.map((handle, i) => [String(i), handle])),
    verify: async () => {
      await lock()
      await bench.goOn(bench.members)
    },
    finish: lock,
    close: () => {
      for (const object of objects) object.close()
    },
    stale: handles,
  }
}

function join({ board, slot, phase, limit }: Desk, counters: Counters): Record<string, Operation> {
  function guarded(step: Step): void {
    phase(Phase.inside)
    board.add(slot, GUARDED_BEGUN)
    spend(step.work)
    counters.increment()
    spend(step.work)
  }
  const done = () => board.add(slot, GUARDED_DONE)
  return {
    add: ({ n }) => {
      phase(Phase.inside)
      for (let i = 0; i < n * 10; i++) {
        board.add(slot, BEGUN)
        counters.add()
        board.add(slot, DONE)
      }
    },
    compareExchange: () => {
      phase(Phase.inside)
      board.add(slot, BEGUN)
      while (!counters.compareExchange());
      board.add(slot, DONE)
    },
    locked: (step) => {
      phase(Phase.waiting)
      if (!counters.acquire(limit(step))) return
      guarded(step)
      counters.release()
      done()
    },
    withLock: async (step) => {
      phase(step.how === 'sync' ? Phase.waiting : Phase.waitingAsync)
      if (step.how === 'sync') counters.withLock(() => guarded(step))
      else await counters.withLockAsync(async () => guarded(step))
      done()
    },
  }
}

const role = {
  operations: ['add', 'compareExchange', 'locked', 'withLock'],
  functions: [
    'after_lock',
    'try_otherwise',
    'unlock',
    'LockWait',
    'LockRelease',
    'mutex_lock_for',
    'spin_for',
    'wake_watchers',
    'watched_lock',
  ],
  phases: ['elsewhere', 'waits, blocking', 'waits, asynchronous', 'changes it'],
}
const common = { roles: { writer: role }, least: ['writer', 'writer'], most: 4 }

export const value: Subject = {
  ...common,
  variants: ['anonymous', 'named'],
  open: (bench, variant) => {
    const named = () => (variant === 'named' ? { name: bench.freshName() } : {})
    const [atomic, guarded] = [Value('c_int', 0, named()), Value('c_int', 0, named())]
    const opened = play(bench, countersOf(atomic, guarded), [atomic, guarded])
    const close = () => {
      if (variant === 'named') for (const each of [atomic, guarded]) each.unlink()
      opened.close()
    }
    return { ...opened, close }
  },
  join: (desk) => join(desk, countersOf(desk.open('0'), desk.open('1'))),
}

export const array: Subject = {
  ...common,
  variants: ['small', 'large'],
  open: (bench, variant) => {
    const object = SharedArray('c_int', variant === 'small' ? 2 : 100_000)
    return play(bench, countersIn(object), [object])
  },
  join: (desk) => join(desk, countersIn(desk.open('0'))),
}
