/** A race condition and its two cures. Answers "Race Conditions and Locks" and "Fix: Lock-Protected Access" of reference 5. */
import assert from 'node:assert/strict'
import { isMainProcess, Process, Value } from 'sharedctypes'

// Five times the reference's million: on a busy machine two short loops can run one after the other, and lose nothing.
const TIMES = 5_000_000
const PROCESSES = 2

// Starting takes a process longer than counting: they wait for each other, so that they count at the same time.
function startTogether(ready: Value<'c_int'>): void {
  ready.add(1)
  while (ready.value < PROCESSES);
}

export function unlocked(counter: Value<'c_int'>, ready: Value<'c_int'>): void {
  startTogether(ready)
  for (let i = 0; i < TIMES; i++) counter.value = counter.value + 1
}

export function locked(counter: Value<'c_int'>, ready: Value<'c_int'>): void {
  startTogether(ready)
  const increment = () => {
    counter.value += 1
  }
  for (let i = 0; i < TIMES; i++) counter.withLock(increment)
}

export function atomic(counter: Value<'c_int'>, ready: Value<'c_int'>): void {
  startTogether(ready)
  for (let i = 0; i < TIMES; i++) counter.add(1)
}

async function total(count: typeof unlocked): Promise<number> {
  const counter = Value('c_int', 0)
  const ready = Value('c_int', 0)
  const children = Array.from({ length: PROCESSES }, () => new Process(count, [counter, ready]).start())
  await Promise.all(children.map((child) => child.join()))
  for (const { exitcode } of children) assert.equal(exitcode, 0)
  console.log(`${count.name.padEnd(8)} ${counter.value.toLocaleString('en').padStart(10)}`)
  return counter.value
}

if (isMainProcess) {
  const expected = PROCESSES * TIMES
  assert((await total(unlocked)) < expected, 'two processes at once lose updates')
  assert.equal(await total(locked), expected)
  assert.equal(await total(atomic), expected)
}
