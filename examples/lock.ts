/** Lock: held by a block, by asynchronous flows, by another process for too long. Answers "with lock" of reference 5. */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { isMainProcess, Lock, Process, TimeoutError, Value } from 'sharedctypes'

export function hog(lock: Lock, enough: Value<'c_bool'>): void {
  using _ = lock.hold()
  while (!enough.value);
}

if (isMainProcess) {
  const lock = Lock()
  const balance = Value('c_int', 100, { lock })

  {
    using _ = lock.hold()
    balance.value += 1
    assert.equal(lock.owner?.pid, process.pid)
  }
  assert.equal(lock.locked, false)
  console.log('hold: released at the end of the block')

  // Each flow reads, awaits, writes. Without the lock all would read the same.
  const deposit = () =>
    lock.withLockAsync(async () => {
      const before = balance.value
      await pause(1)
      balance.value = before + 1
    })
  await Promise.all(Array.from({ length: 20 }, deposit))
  assert.equal(balance.value, 121)
  console.log('withLockAsync: 20 flows of one thread, one after the other:', balance)

  const enough = Value('c_bool', false)
  const hogging = new Process(hog, [lock, enough]).start()
  while (!lock.locked && hogging.isAlive) await pause(1)
  assert.equal(lock.tryAcquire(), false)
  assert.equal(lock.acquire(20), false)
  assert.equal(await lock.acquireAsync({ timeout: 20 }), false)
  await assert.rejects(lock.acquireAsync({ signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' })
  assert.throws(() => lock.hold({ timeout: 20 }), TimeoutError)
  console.log('time-outs: an acquire gives false, hold and withLock throw;', lock)
  enough.value = true
  await lock.withLockAsync(() => {
    balance.value += 1
  })
  await hogging.join()
  assert.equal(hogging.exitcode, 0)
  assert.equal(balance.value, 122)
}
