/** wait and notify on a Value: notify() says exactly how many living waits it woke, and those go on. */
import { RawValue, type RawValueType } from '../../../lib/index.js'
import type { Bench } from '../bench.js'
import { type Desk, Finding, type Operation, Phase, type Play, pause, type Subject } from '../subject.js'
import { beginWait, checkWakes, endWait, isInLine, type Line } from './wakes.js'

type Word = RawValueType<'c_int32'>

function play(bench: Bench): Play {
  const word: Word = RawValue('c_int32', 0)
  const handle = word.toJSON()
  let calls = 0
  return {
    handles: { word: handle },
    verify: async () => {
      const line: Line = { waiters: bench.of('waiter'), waits: isInLine, exclusively: (call) => call(), notifyAll: () => word.notify() }
      await checkWakes(bench, line, (count) => word.notify(count), 1 + (calls++ % 4))
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

function join(desk: Desk): Record<string, Operation> {
  const { open, phase, limit } = desk
  const word = open<Word>('word')
  const end = (result: string) => {
    if (result === 'not-equal') throw new Error('nobody changes the word')
    endWait(desk, result === 'ok')
  }
  return {
    wait: async (step) => {
      const timeout = limit(step)
      if (step.how === 'sync') {
        beginWait(desk, step, timeout)
        end(word.wait(0, timeout))
        return
      }
      const wait = word.waitAsync(0, { timeout })
      beginWait(desk, step, timeout)
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
