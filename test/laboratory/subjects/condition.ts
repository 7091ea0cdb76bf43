/** Condition: waiters take items that notifiers put there. notify() says exactly how many living waits it woke, and those go on. */
import { Condition } from '../../../lib/index.js'
import type { Bench } from '../bench.js'
import { Shared } from '../board.js'
import type { Member } from '../crew.js'
import { type Desk, Finding, type Operation, Phase, type Play, pause, type Step, type Subject, spend } from '../subject.js'
import { checkWakes, EXACT, WOKEN } from './wakes.js'

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

  // They say that they wait while they have the lock, which they let go of when they are in line.
  const waits = (waiter: Member) => waiter.phase !== Phase.between && waiter.read(EXACT) === 1
  async function whenAllWait<T>(waiters: readonly Member[], call: () => T): Promise<T> {
    for (;;) {
      await bench.reach(() => waiters.every(waits), 'all waiters wait')
      const result = await locked(() => (waiters.every(waits) ? { value: call() } : undefined))
      if (result !== undefined) return result.value
    }
  }

  return {
    handles: { condition: handle },
    verify: async () => {
      await checkWakes(
        bench,
        { whenAllWait, notify: (count) => condition.notify(count), wakeAll: () => locked(() => condition.notifyAll()) },
        1 + (calls++ % 4),
      )
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

function join({ board, slot, open, phase, limit }: Desk): Record<string, Operation> {
  const condition = open<Condition>('condition')
  const items = () => Atomics.load(board.words, ITEMS)
  return { ...waiting(), ...notifying() }

  function waiting(): Record<string, Operation> {
    const begin = (step: Step) => {
      board.set(slot, EXACT, limit(step) === undefined ? 1 : 0)
      phase(step.how === 'sync' ? Phase.waiting : Phase.waitingAsync)
    }
    const woken = (yes: boolean) => {
      phase(Phase.between)
      if (yes) board.add(slot, WOKEN)
    }
    /** Called first before the wait, then after each. */
    function predicate(step: Step): () => boolean {
      let calls = 0
      return () => {
        if (calls++ > 0) woken(true)
        if (items() > 0) return true
        begin(step)
        return false
      }
    }
    const take = (found: boolean) => {
      if (found) Atomics.sub(board.words, ITEMS, 1)
    }
    return {
      wait: (step) => {
        if (step.how === 'sync')
          return condition.withLock(() => {
            begin(step)
            woken(condition.wait(limit(step)))
          })
        return condition.withLockAsync(async () => {
          begin(step)
          woken(await condition.waitAsync({ timeout: limit(step) }))
        })
      },
      waitFor: (step) => {
        if (step.how === 'sync') return condition.withLock(() => take(condition.waitFor(predicate(step), limit(step))))
        return condition.withLockAsync(async () => take(await condition.waitForAsync(predicate(step), { timeout: limit(step) })))
      },
    }
  }

  function notifying(): Record<string, Operation> {
    async function notify({ how, work }: Step, count: number): Promise<void> {
      const put = () => {
        phase(Phase.inside)
        if (items() < MOST_ITEMS) Atomics.add(board.words, ITEMS, 1)
        spend(work)
        const woken = condition.notify(count)
        if (woken > count) throw new Error(`notify(${count}) says ${woken}`)
      }
      phase(how === 'sync' ? Phase.waiting : Phase.waitingAsync)
      if (how === 'sync') condition.withLock(put)
      else await condition.withLockAsync(put)
      await pause()
    }
    return { notify: (step) => notify(step, step.n), notifyAll: (step) => notify(step, Number.POSITIVE_INFINITY) }
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
