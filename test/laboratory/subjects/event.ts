/** Event: a set() reaches all who wait, also if it is cleared at once. */
import { Event } from '../../../lib/index.js'
import type { Bench } from '../bench.js'
import { type Desk, Finding, type Operation, Phase, type Play, pause, type Subject, spend } from '../subject.js'
import { beginWait, checkPromptness, endWait, isInLine, type Line, wakeEach } from './wakes.js'

async function verify(bench: Bench, event: Event): Promise<void> {
  const waiters = bench.of('waiter')
  await bench.closeGate('setter')
  bench.makePatient('waiter')
  event.clear()
  const pulse = () => {
    event.set()
    event.clear()
  }
  const line: Line = { waiters, waits: isInLine, exclusively: (call) => call(), notifyAll: pulse }
  await wakeEach(bench, line)
  await checkPromptness(bench, line)
  bench.makePatient()
  bench.openGate()
  await bench.goOn(bench.of('setter'))
  // More than once: setters may clear it before a waiter waits again.
  for (const waiter of waiters) {
    const { progress } = waiter
    const goesOn = () => {
      event.set()
      return waiter.progress !== progress
    }
    await bench.reach(goesOn, `waiter ${waiter.slot} goes on`)
  }
}

function play(bench: Bench, variant: string): Play {
  const named = variant === 'named'
  const event = Event(named ? { name: bench.freshName() } : undefined)
  const handle = event.toJSON()
  return {
    handles: { event: handle },
    verify: () => verify(bench, event),
    finish: async () => {
      event.clear()
      if (event.wait(0)) throw new Finding('broken rule', 'the event is set after clear(), and nobody lives')
      const wait = event.waitAsync({ timeout: bench.patience.ms })
      event.set()
      if (!(await wait)) throw new Finding('hang', 'set() does not end a wait')
    },
    close: () => {
      if (named) event.unlink()
      event.close()
    },
    stale: named ? [] : [handle],
  }
}

function join(desk: Desk): Record<string, Operation> {
  const { open, phase, limit } = desk
  const event = open<Event>('event')
  const end = (set: boolean, timeout: number | undefined) => {
    if (!set && timeout === undefined) throw new Error('a wait for ever that ended with false')
    endWait(desk, set)
  }
  return {
    wait: async (step) => {
      const timeout = limit(step)
      if (step.how === 'sync') {
        beginWait(desk, step, timeout)
        end(event.wait(timeout), timeout)
        return
      }
      const waits = Array.from({ length: step.n }, () => event.waitAsync({ timeout }))
      beginWait(desk, step, timeout)
      for (const set of await Promise.all(waits)) end(set, timeout)
      await pause()
    },
    pulse: async ({ work }) => {
      phase(Phase.inside)
      event.set()
      spend(work)
      event.clear()
      await pause()
    },
    set: async () => {
      phase(Phase.inside)
      event.set()
      await pause()
    },
    clear: async () => {
      phase(Phase.inside)
      event.clear()
      await pause()
    },
  }
}

export const event: Subject = {
  roles: {
    waiter: {
      operations: ['wait'],
      functions: [
        'park_locked',
        'park_leave',
        'park_sleep',
        'free_record',
        'LotLock::LotLock',
        'LotLock::~LotLock',
        'WaitPark',
        'WatchedEvent::can_go_on',
      ],
      phases: ['elsewhere', 'waits, blocking', 'waits, asynchronous'],
    },
    setter: {
      operations: ['pulse', 'set', 'clear'],
      functions: [
        'unpark',
        'unpark_locked',
        'for_each_record<broadcast>',
        'Wakes::~Wakes',
        'LotLock::LotLock',
        'LotLock::~LotLock',
        'Unpark',
      ],
      phases: ['elsewhere', '', '', 'sets it'],
    },
  },
  least: ['waiter', 'setter'],
  most: 4,
  variants: ['anonymous', 'named'],
  open: play,
  join,
}
