/** What Condition and Value.wait have in common: the laboratory wakes those who wait, and it is counted exactly who was woken. */
import type { Bench } from '../bench.js'
import { Column } from '../board.js'
import type { Member } from '../crew.js'
import { Finding } from '../subject.js'

/** Waits that a wake-up ended; 1: the wait that has begun has no time-out. */
export const WOKEN = Column.own
export const EXACT = Column.own + 1

export interface Line {
  /** Calls, at a moment at which all of these wait and nobody else wakes anybody. */
  whenAllWait<T>(waiters: readonly Member[], call: () => T): Promise<T>
  /** Wakes so many; says how many that were. */
  notify(count: number): number
}

/** Wakers stand still, waits have no time-out: each wake-up goes to one who lives, and wakes it. */
export async function checkWakes(bench: Bench, line: Line, count: number): Promise<void> {
  await bench.closeGate('notifier')
  bench.makePatient('waiter')
  const waiters = bench.of('waiter')
  const woken = () => waiters.map((waiter) => waiter.read(WOKEN))

  // All of them: whoever was notified before and has not noticed yet wakes too, and after that nobody is notified and still waits.
  const before = await line.whenAllWait(waiters, () => {
    const now = woken()
    line.notify(Number.POSITIVE_INFINITY)
    return now
  })
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
