/** What Condition, Event and Value.wait have in common: the laboratory wakes those who wait, and it is counted exactly who was woken. */
import { isDeepStrictEqual } from 'node:util'
import { isAsleep } from '../../helpers/asleep.js'
import type { Bench } from '../bench.js'
import { Column } from '../board.js'
import type { Member } from '../crew.js'
import { type Desk, Finding, Phase, type Step } from '../subject.js'

/** Waits that a wake-up ended. */
const WOKEN = Column.own
/** 1: the wait that has begun has no time-out. */
const EXACT = Column.own + 1

/** A waiter writes it down before it waits, or after the call that put it in line. */
export function beginWait({ board, slot, phase }: Desk, { how }: Step, timeout: number | undefined): void {
  board.set(slot, EXACT, timeout === undefined ? 1 : 0)
  phase(how === 'sync' ? Phase.waiting : Phase.waitingAsync)
}

/** And this when its wait is over. */
export function endWait({ board, slot, phase }: Desk, woken: boolean): void {
  phase(Phase.between)
  if (woken) board.add(slot, WOKEN)
}

/** It has begun a wait that only a wake-up ends, and has not written down that it is over. */
export const hasBegun = (waiter: Member) => waiter.phase !== Phase.between && waiter.read(EXACT) === 1

/** And it is in line already, where a wait is written down before. */
export const isInLine = (waiter: Member) => hasBegun(waiter) && (waiter.phase === Phase.waitingAsync || isAsleep(waiter.pid))

export interface Line {
  readonly waiters: readonly Member[]
  /** In line, in a wait that only a wake-up ends; or woken, and that is not written down yet. */
  waits(waiter: Member): boolean
  /** Calls what notifies. */
  exclusively<T>(call: () => T): T | Promise<T>
  notifyAll(): unknown
}

const woken = ({ waiters }: Line) => waiters.map((waiter) => waiter.read(WOKEN))

/** Calls with what they had written down, at a moment at which all of them wait. */
async function whenAllWait<T>(bench: Bench, line: Line, call: (before: number[]) => T): Promise<T> {
  const { waiters } = line
  for (;;) {
    for (const waiter of waiters) await bench.reach(() => line.waits(waiter), `waiter ${waiter.slot} waits`)
    const result = await line.exclusively(() => {
      const before = woken(line) // read first: who waits now and has the same count later is in the same wait then
      return waiters.every((waiter) => line.waits(waiter)) ? { value: call(before) } : undefined
    })
    if (result !== undefined) return result.value
  }
}

/** Wakes each of them. After that no waiter has a wake-up that it has not written down, until somebody wakes it again. */
export async function wakeEach(bench: Bench, line: Line): Promise<void> {
  const wake = (before: number[]) => {
    line.notifyAll()
    // Unchanged: each was in line until now, or woken earlier without having noticed. So each has one wake-up to write down, not two and not none.
    return isDeepStrictEqual(woken(line), before) ? before : undefined
  }
  let before: number[] | undefined
  do before = await whenAllWait(bench, line, wake)
  while (before === undefined)
  for (const [i, waiter] of line.waiters.entries())
    await bench.reach(() => waiter.read(WOKEN) !== before[i], `waiter ${waiter.slot} is woken, as all are`)
}

/**
 * Of so many wake-ups in a row one at least comes before its sleeper looks by itself. Many: on a busy machine the sleeper stands still half of the time,
 * its look over and not yet seen by the debugger, and what is granted just then looks late (5 in a row came up once in 3,751 kills).
 */
const LATE_AT_MOST = 30
const OUTCOME_MS = 200

/**
 * A sleeper looks around by itself, every 10 to 100 ms, so a wake-up that nobody gives is late and no more. What tells it from a slow machine is how
 * the kernel ended the sleep.
 */
export async function checkPromptness(bench: Bench, line: Line): Promise<void> {
  const { gdb } = bench
  if (gdb === undefined) return
  for (let late = 0; late < LATE_AT_MOST; ) {
    const sleeper = await whenAllWait(bench, line, () => line.waiters.find(({ phase }) => phase === Phase.waiting))
    if (sleeper === undefined || !(await gdb.attend(sleeper.pid))) return
    await line.exclusively(() => line.notifyAll())
    if ((await gdb.outcome(OUTCOME_MS)) !== 'late') return
    late++
  }
  throw new Finding('broken rule', `of ${LATE_AT_MOST} wake-ups none came: each was granted, and found when the sleeper looked by itself`)
}

/** Wakers stand still, waits have no time-out: each wake-up goes to one who lives, and wakes it. */
export async function checkWakes(bench: Bench, line: Line, notify: (count: number) => number, count: number): Promise<void> {
  await bench.closeGate('notifier')
  bench.makePatient('waiter')
  await checkPromptness(bench, line)
  await wakeEach(bench, line)
  const living = line.waiters.length
  const expected = Math.min(count, living)
  const sum = (counts: number[]) => counts.reduce((a, b) => a + b)
  const [said, before] = await whenAllWait(bench, line, (before) => [notify(count), sum(before)])
  if (said !== expected) throw new Finding('broken rule', `notify(${count}) says ${said} with ${living} living waiters`)
  await bench.reach(() => sum(woken(line)) - before >= expected, `${expected} of ${living} waiters are woken`)
  const [exactly, left] = await whenAllWait(bench, line, (now) => [sum(now) - before, notify(Number.POSITIVE_INFINITY)])
  if (exactly !== expected) throw new Finding('broken rule', `notify(${count}) woke ${exactly} of ${living} waiters`)
  // One more that was woken and has not noticed would not be in line.
  if (left !== living) throw new Finding('broken rule', `after notify(${count}) ${left} of ${living} waiters are in line again`)
  bench.makePatient()
  bench.openGate()
}
