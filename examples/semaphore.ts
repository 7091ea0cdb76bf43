/**
 * Semaphore and BoundedSemaphore: permits taken by a block, by asynchronous flows, by a process that is killed. Answers "Use Semaphore to limit
 * concurrent access" of reference 5.
 */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { BoundedSemaphore, isMainProcess, OverReleaseError, Process, Semaphore, TimeoutError } from 'sharedctypes'

const PERMITS = 3

export function takeAll(permits: Semaphore): never {
  for (let i = 0; i < PERMITS; i++) permits.acquire()
  for (;;);
}

if (isMainProcess) {
  const permits = Semaphore(PERMITS)
  {
    using _ = permits.hold()
    assert.equal(permits.value, PERMITS - 1)
  }
  assert.equal(permits.value, PERMITS)

  let inside = 0
  let most = 0
  const flow = () =>
    permits.withPermitAsync(async () => {
      inside += 1
      most = Math.max(most, inside)
      await pause(1)
      inside -= 1
    })
  await Promise.all(Array.from({ length: 20 }, flow))
  assert.equal(most, PERMITS)
  console.log(`withPermitAsync: 20 flows of one thread, ${most} at a time`)

  const taker = new Process(takeAll, [permits]).start()
  while (permits.value > 0 && taker.isAlive) await pause(1)
  assert.equal(permits.tryAcquire(), false)
  assert.equal(permits.acquire(20), false)
  assert.equal(await permits.acquireAsync({ timeout: 20 }), false)
  assert.throws(() => permits.withPermit(() => {}, { timeout: 20 }), TimeoutError)
  console.log('all taken by a child: an acquire gives false, withPermit throws;', permits)

  const taken = permits.acquireAsync()
  taker.kill()
  assert.equal(await taken, true)
  await taker.join()
  permits.release()
  assert.equal(permits.value, PERMITS)
  console.log('the child was killed: its permits came back;', permits)

  permits.release(2)
  assert.equal(permits.value, PERMITS + 2, 'a plain one takes any release for a new permit')
  const bounded = BoundedSemaphore(PERMITS)
  bounded.withPermit(() => assert.equal(bounded.value, PERMITS - 1))
  assert.throws(() => bounded.release(), OverReleaseError)
  assert.equal(bounded.value, PERMITS)
  console.log('a release too many makes a permit, but in a BoundedSemaphore throws;', bounded)
}
