/**
 * RWLock: many readers or one writer, and new readers don't pass a writer that waits. Answers "multiprocessing Synchronization Primitives" of
 * reference 5's further reading with one that Python lacks.
 */
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { isMainProcess, Process, RWLock, TimeoutError, Value } from 'sharedctypes'

export function read(lock: RWLock, readers: Value<'c_int'>, enough: Value<'c_bool'>): void {
  using _ = lock.read.hold()
  readers.add(1)
  while (!enough.value);
  readers.sub(1)
}

if (isMainProcess) {
  const lock = RWLock()
  const readers = Value('c_int', 0)
  const enough = Value('c_bool', false)
  const children = [1, 2].map(() => new Process(read, [lock, readers, enough]).start())
  while (readers.value < 2 && children.every((child) => child.isAlive)) await pause(1)
  lock.read.withLock(() => assert.equal(readers.value, 2))
  console.log('two children read, and so could we;', lock)

  assert.equal(lock.write.tryAcquire(), false)
  assert.equal(lock.write.acquire(20), false)
  assert.throws(() => lock.write.hold({ timeout: 20 }), TimeoutError)
  const written = lock.write.withLockAsync(() => {
    assert.equal(readers.value, 0)
    console.log('the last reader has gone, we write;', lock)
  })
  // New readers come in until the writer waits for those before it, and then no more.
  while (lock.read.tryAcquire()) {
    lock.read.release()
    await pause(1)
  }
  enough.value = true
  await written
  await Promise.all(children.map((child) => child.join()))
  for (const { exitcode } of children) assert.equal(exitcode, 0)
  assert.equal(lock.read.tryAcquire(), true)
  lock.read.release()
  console.log('nobody waits any more: readers come in again')
}
