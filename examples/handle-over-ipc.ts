/** A handle sent to a forked process with child.send: no name, nothing to unlink. Answers "Can I pass a Lock to a child process?" of reference 5. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { attach, type Handle, Lock, Value } from 'sharedctypes'

const TIMES = 100_000

function count(counter: Value<'c_int'>, lock: Lock): void {
  const increment = () => {
    counter.value += 1
  }
  for (let i = 0; i < TIMES; i++) lock.withLock(increment)
}

if (process.send === undefined) {
  const counter = Value('c_int', 0)
  const lock = Lock()
  const child = fork(fileURLToPath(import.meta.url))
  await once(child, 'message')
  child.send({ counter, lock })
  const ended = once(child, 'exit')
  count(counter, lock)
  assert.deepEqual(await ended, [0, null])
  assert.equal(counter.value, 2 * TIMES)
  console.log(`parent and child, ${TIMES} locked increments each: ${counter.value}`)
} else {
  process.send('ready')
  const [handles] = (await once(process, 'message')) as [{ counter: Handle; lock: Handle }]
  count(attach<Value<'c_int'>>(handles.counter), attach<Lock>(handles.lock))
  process.disconnect()
}
