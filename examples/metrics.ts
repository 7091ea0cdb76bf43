/** Workers write metrics into an array, the parent watches. Answers "Real-World Example: Shared Metrics Array" of reference 5. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import * as mp from 'sharedctypes'

const WORKERS = 4
const TASKS = 100
type Metrics = mp.Array<'c_int', mp.Lock>

export function work(worker: number, metrics: Metrics): void {
  const mine = metrics.subarray(worker * 3, worker * 3 + 3)
  const data = randomBytes(1 << 20)
  const begun = performance.now()
  for (let task = 0; task < TASKS; task++) {
    createHash('sha256').update(data).digest()
    using _ = metrics.hold()
    const [completed = 0, errors = 0] = mine
    const throughput = ((completed + 1) * 1000) / (performance.now() - begun)
    mine.set([completed + 1, task % 10 === 0 ? errors + 1 : errors, throughput])
  }
}

if (mp.isMainProcess) {
  const metrics = mp.Array('c_int', WORKERS * 3, { lock: mp.Lock() })
  const children = Array.from({ length: WORKERS }, (_, i) => new mp.Process(work, [i, metrics]).start())
  // One look under the lock: counts of one moment, not of several.
  const look = () => metrics.withLock(() => metrics.slice())
  const sum = (all: Int32Array, field: number) => all.reduce((total, each, i) => (i % 3 === field ? total + each : total), 0)

  let seen = look()
  while (sum(seen, 0) < WORKERS * TASKS && children.some((child) => child.isAlive)) {
    console.log(`${sum(seen, 0)}/${WORKERS * TASKS} tasks, ${sum(seen, 1)} errors`)
    await pause(100)
    seen = look()
  }
  await Promise.all(children.map((child) => child.join()))

  const final = look()
  for (let worker = 0; worker < WORKERS; worker++) {
    const [completed, errors, throughput] = final.subarray(worker * 3)
    assert.deepEqual([completed, errors], [TASKS, TASKS / 10])
    assert(throughput !== undefined && throughput > 0)
  }
  console.log(`all finished: ${sum(final, 0)} tasks, ${sum(final, 1)} errors, ${sum(final, 2)} tasks a second`)
}
