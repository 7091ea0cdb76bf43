/**
 * Condition: processes wait under a lock until what it guards suits them, and one of them is killed meanwhile. Answers what Python's Condition
 * leaves open: there, who notifies a killed waiter can hang.
 */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { Condition, isMainProcess, NotOwnerError, Process, Value } from 'sharedctypes'

type Int = Value<'c_int'>

export function takeTicket(changed: Condition, waiting: Int, tickets: Int): void {
  using _ = changed.hold()
  waiting.value += 1
  changed.waitFor(() => tickets.value > 0)
  tickets.value -= 1
}

if (isMainProcess) {
  const changed = Condition()
  const waiting = Value('c_int', 0)
  const tickets = Value('c_int', 0)
  const come = () => new Process(takeTicket, [changed, waiting, tickets]).start()
  const killed = come()
  const others = [come(), come(), come()]
  // Waiting lets the lock go: who has counted itself waits by the time that the lock is ours.
  while (changed.withLock(() => waiting.value) < 4 && others.every((each) => each.isAlive)) await pause(1)
  killed.kill()
  await killed.join()

  const give = (n: number) =>
    changed.withLockAsync(() => {
      tickets.value += n
      return changed.notify(n)
    })
  assert.equal(await give(2), 2)
  while (tickets.value > 0 && others.some((each) => each.isAlive)) await pause(1)
  assert.equal(await give(2), 1, 'one was left; the killed one does not count')
  await Promise.all(others.map((each) => each.join()))
  for (const { exitcode } of others) assert.equal(exitcode, 0)
  assert.equal(tickets.value, 1)
  console.log('four waited, one was killed: two tickets woke 2, two more woke 1, and one ticket is left')

  assert.throws(() => changed.notify(), NotOwnerError)
  {
    using _ = changed.hold()
    assert.equal(changed.wait(20), false)
    assert.equal(
      changed.waitFor(() => tickets.value > 1, 20),
      false,
    )
  }
  const hundred = changed.withLockAsync(() => changed.waitForAsync(() => tickets.value === 100))
  assert.equal(await give(99), 1)
  assert.equal(await hundred, true)
  console.log('waitForAsync: its thread stayed free, and could itself bring about what it waited for;', changed)
}
