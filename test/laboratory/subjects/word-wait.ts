/** wait and notify on a Value: notify() says exactly how many living waits it woke, and those go on. */
import { RawValue, type RawValueType } from '../../../lib/index.js'
import { isAsleep } from '../../helpers/asleep.js'
import type { Bench } from '../bench.js'
import type { Member } from '../crew.js'
import { type Desk, Finding, type Operation, Phase, type Play, pause, type Subject } from '../subject.js'
import { checkWakes, EXACT, WOKEN } from './wakes.js'

type Word = RawValueType<'c_int32'>

/** In line: it sleeps, or says so after the call that put it there. */
const waits = (waiter: Member) =>
  waiter.read(EXACT) === 1 && (waiter.phase === Phase.waitingAsync || (waiter.phase === Phase.waiting && isAsleep(waiter.pid)))

function play(bench: Bench): Play {
  const word: Word = RawValue('c_int32', 0)
  const handle = word.toJSON()
  let calls = 0
  async function whenAllWait<T>(waiters: readonly Member[], call: () => T): Promise<T> {
    for (const waiter of waiters) await bench.reach(() => waits(waiter), `waiter ${waiter.slot} waits`)
    return call()
  }
  return {
    handles: { word: handle },
    verify: async () => {
      await checkWakes(bench, { whenAllWait, notify: (count) => word.notify(count), wakeAll: () => word.notify() }, 1 + (calls++ % 4))
      await bench.goOn(bench.members)
    },
    finish: async () => {
      const woken = word.notify()
      if (woken !== 0) throw new Finding('broken rule', `${woken} were woken, and nobody lives`)
    },
    close: () => word.close(),
    stale: [handle],
  }
}

function join({ board, slot, open, phase, limit }: Desk): Record<string, Operation> {
  const word = open<Word>('word')
  const begin = (timeout: number | undefined, now: number) => {
    board.set(slot, EXACT, timeout === undefined ? 1 : 0)
    phase(now)
  }
  const end = (result: string) => {
    phase(Phase.between)
    if (result === 'not-equal') throw new Error('nobody changes the word')
    if (result === 'ok') board.add(slot, WOKEN)
  }
  return {
    wait: async (step) => {
      const timeout = limit(step)
      if (step.how === 'sync') {
        begin(timeout, Phase.waiting)
        end(word.wait(0, timeout))
        return
      }
      const wait = word.waitAsync(0, { timeout })
      begin(timeout, Phase.waitingAsync)
      end(await wait)
    },
    notify: async ({ n }) => {
      phase(Phase.inside)
      const woken = word.notify(n)
      if (woken > n) throw new Error(`notify(${n}) says ${woken}`)
      await pause()
    },
    notifyAll: async () => {
      phase(Phase.inside)
      word.notify()
      await pause()
    },
  }
}

export const wordWait: Subject = {
  roles: {
    waiter: {
      operations: ['wait'],
      functions: [
        'park_locked',
        'park_leave',
        'park_take',
        'park_tend',
        'park_sleep',
        'free_record',
        'LotLock::LotLock',
        'LotLock::~LotLock',
        'WaitPark',
      ],
      phases: ['elsewhere', 'waits, blocking', 'waits, asynchronous'],
    },
    notifier: {
      operations: ['notify', 'notify', 'notifyAll'],
      functions: [
        'unpark',
        'unpark_locked',
        'grant_oldest',
        'grant',
        'Wakes::~Wakes',
        'free_record',
        'LotLock::LotLock',
        'LotLock::~LotLock',
      ],
      phases: ['elsewhere', '', '', 'notifies'],
    },
  },
  least: ['waiter', 'notifier'],
  most: 4,
  variants: [''],
  open: play,
  join,
}
