/** Event: a start signal and a stop signal for several processes. Answers the "Event" of reference 5's further reading. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Event, isMainProcess, Process, Value } from 'sharedctypes'

type Int = Value<'c_int'>

export function work(go: Event, stop: Event, ready: Int, hashes: Int): void {
  const data = Buffer.alloc(1 << 16)
  ready.add(1)
  go.wait()
  while (!stop.isSet) {
    createHash('sha256').update(data).digest()
    hashes.add(1)
  }
}

if (isMainProcess) {
  const go = Event()
  const stop = Event()
  const ready = Value('c_int', 0)
  const hashes = Value('c_int', 0)
  const children = [1, 2, 3].map(() => new Process(work, [go, stop, ready, hashes]).start())
  const running = () => children.every((child) => child.isAlive)
  while (ready.value < children.length && running()) await pause(1)
  assert.equal(hashes.value, 0, 'nobody has begun before the signal')
  console.log('all are ready;', go)

  go.set()
  while (hashes.value < 500 && running()) await pause(1)
  stop.set()
  await Promise.all(children.map((child) => child.join()))
  for (const { exitcode } of children) assert.equal(exitcode, 0)
  assert(hashes.value >= 500)
  console.log(`all have stopped, after ${hashes.value} hashes;`, stop)

  go.clear()
  assert.equal(go.wait(20), false)
  await assert.rejects(go.waitAsync({ signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' })
  const waiters = [go.waitAsync(), go.waitAsync()]
  go.set()
  go.clear()
  assert.deepEqual(await Promise.all(waiters), [true, true])
  console.log('set and cleared at once: its waiters have seen it all the same;', go)
}
