/** Event: a set() reaches all who wait, also if it is cleared at once. */
import { Event } from '../../../lib/index.js'
import { isAsleep } from '../../helpers/asleep.js'
import type { Bench } from '../bench.js'
import type { Member } from '../crew.js'
import { type Desk, Finding, type Operation, Phase, type Play, pause, type Subject, spend } from '../subject.js'
import { checkPromptness, EXACT, WOKEN } from './wakes.js'

const waits = (waiter: Member) =>
  waiter.read(EXACT) === 1 && (waiter.phase === Phase.waitingAsync || (waiter.phase === Phase.waiting && isAsleep(waiter.pid)))

/** Wakes all who wait: one pulse is enough. */
async function checkPulses(bench: Bench, event: Event, waiters: readonly Member[]): Promise<void> {
  const allWait = async () => {
    for (const waiter of waiters) await bench.reach(() => waits(waiter), `waiter ${waiter.slot} waits`)
  }
  const pulse = () => {
    event.set()
    event.clear()
  }
  // Twice: at first some may have been woken already and not noticed.
  for (let round = 0; round < 2; round++) {
    await allWait()
    const before = waiters.map((waiter) => waiter.read(WOKEN))
    pulse()
    for (const [i, waiter] of waiters.entries())
      await bench.reach(() => waiter.read(WOKEN) !== before[i], `waiter ${waiter.slot} is woken, as all are`)
  }
  const blocking = async () => {
    await allWait()
    return waiters.find((waiter) => waiter.phase === Phase.waiting)
  }
  await checkPromptness(bench, blocking, pulse)
}

async function verify(bench: Bench, event: Event): Promise<void> {
  const waiters = bench.of('waiter')
  await bench.closeGate('setter')
  bench.makePatient('waiter')
  event.clear()
  await checkPulses(bench, event, waiters)
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

function join({ board, slot, open, phase, limit }: Desk): Record<string, Operation> {
  const event = open<Event>('event')
  const begin = (timeout: number | undefined, now: number) => {
    board.set(slot, EXACT, timeout === undefined ? 1 : 0)
    phase(now)
  }
  const end = (set: boolean, timeout: number | undefined) => {
    phase(Phase.between)
    if (!set && timeout === undefined) throw new Error('a wait for ever that ended with false')
    if (set) board.add(slot, WOKEN)
  }
  return {
    wait: async (step) => {
      const timeout = limit(step)
      if (step.how === 'sync') {
        begin(timeout, Phase.waiting)
        end(event.wait(timeout), timeout)
        return
      }
      const waits = Array.from({ length: step.n }, () => event.waitAsync({ timeout }))
      begin(timeout, Phase.waitingAsync)
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
