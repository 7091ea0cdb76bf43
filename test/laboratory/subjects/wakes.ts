/** What Condition and Value.wait have in common: the laboratory wakes those who wait, and it is counted exactly who was woken. */
import type { Bench } from '../bench.js'
import { Column } from '../board.js'
import type { Member } from '../crew.js'
import { Finding, Phase } from '../subject.js'

/** Waits that a wake-up ended; 1: the wait that has begun has no time-out. */
export const WOKEN = Column.own
export const EXACT = Column.own + 1

export interface Line {
  /** Calls, at a moment at which all of these wait and nobody else wakes anybody. */
  whenAllWait<T>(waiters: readonly Member[], call: () => T): Promise<T>
  /** Wakes so many; says how many that were. Within `whenAllWait`. */
  notify(count: number): number
  /** Wakes all, at any moment. */
  wakeAll(): unknown
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
 *
 * @param asleep - one that sleeps now, blocking
 */
export async function checkPromptness({ gdb }: Bench, asleep: () => Promise<Member | undefined>, wake: () => unknown): Promise<void> {
  if (gdb === undefined) return
  for (let late = 0; late < LATE_AT_MOST; ) {
    const sleeper = await asleep()
    if (sleeper === undefined || !(await gdb.attend(sleeper.pid))) return
    await wake()
    if ((await gdb.outcome(OUTCOME_MS)) !== 'late') return
    late++
  }
  throw new Finding('broken rule', `of ${LATE_AT_MOST} wake-ups none came: each was granted, and found when the sleeper looked by itself`)
}

/** Wakers stand still, waits have no time-out: each wake-up goes to one who lives, and wakes it. */
export async function checkWakes(bench: Bench, line: Line, count: number): Promise<void> {
  await bench.closeGate('notifier')
  bench.makePatient('waiter')
  const waiters = bench.of('waiter')
  const woken = () => waiters.map((waiter) => waiter.read(WOKEN))

  const blocking = async () => {
    await line.whenAllWait(waiters, () => {})
    return waiters.find((waiter) => waiter.phase === Phase.waiting)
  }
  await checkPromptness(bench, blocking, () => line.wakeAll())

  // All of them: whoever was notified before and has not noticed yet wakes too, and after that nobody is notified and still waits.
  const before = await line.whenAllWait(waiters, woken)
  await line.wakeAll()
  for (const [i, waiter] of waiters.entries())
    await bench.reach(() => waiter.read(WOKEN) !== before[i], `waiter ${waiter.slot} is woken, as all are`)
  const expected = Math.min(count, waiters.length)
  const [sum, said] = await line.whenAllWait(waiters, () => [woken().reduce((a, b) => a + b), line.notify(count)])
  if (said !== expected) throw new Finding('broken rule', `notify(${count}) says ${said} with ${waiters.length} living waiters`)
  const more = () => woken().reduce((a, b) => a + b) - sum
  await bench.reach(() => more() >= expected, `${expected} of ${waiters.length} waiters are woken`)
  const exactly = await line.whenAllWait(waiters, more)
  if (exactly !== expected) throw new Finding('broken rule', `notify(${count}) woke ${exactly} of ${waiters.length} waiters`)
  bench.makePatient()
  bench.openGate()
}
