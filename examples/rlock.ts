/** RLock: a function that holds it calls another that takes it too. Answers "RLock: Reentrant Locks for Recursive Operations" of reference 5. */
import assert from 'node:assert/strict'
import { DeadlockError, isMainProcess, Lock, Process, RLock, Value } from 'sharedctypes'

export function outer(value: Value<'c_int'>, lock: RLock): void {
  using _ = lock.hold()
  console.log(`outer has the lock, value ${value.value}`)
  inner(value, lock)
  assert.equal(lock.owner?.pid, process.pid, 'one release of two does not free it')
}

function inner(value: Value<'c_int'>, lock: RLock): void {
  using _ = lock.hold()
  console.log(`inner has it as well, value ${value.value}`)
  value.value += 1
}

if (isMainProcess) {
  const value = Value('c_int', 0)
  const lock = RLock()
  const child = new Process(outer, [value, lock]).start()
  await child.join()
  assert.equal(child.exitcode, 0)
  assert.equal(value.value, 1)
  assert.equal(lock.locked, false)

  const plain = Lock()
  using _ = plain.hold()
  assert.throws(() => plain.acquire(), DeadlockError)
  console.log('value 1, lock free. A plain Lock taken twice throws a DeadlockError, where Python hangs')
}
