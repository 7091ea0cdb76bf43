/** Five processes use what only two may use at a time. Answers "Semaphore: Limiting Concurrent Access" of reference 5. */
import assert from 'node:assert/strict'
import { pbkdf2Sync } from 'node:crypto'
import { isMainProcess, Process, Semaphore, Value } from 'sharedctypes'

const LIMIT = 2
type Int = Value<'c_int'>

export function limitedResource(permits: Semaphore, inside: Int, most: Int, id: number, begun: number): void {
  using _ = permits.hold()
  const now = inside.add(1) + 1
  most.withLock(() => {
    most.value = Math.max(most.value, now)
  })
  console.log(`process ${id} entered after ${Date.now() - begun} ms, ${now} inside`)
  pbkdf2Sync('what the resource is used for', 'salt', 100_000, 32, 'sha256')
  inside.sub(1)
}

if (isMainProcess) {
  const permits = Semaphore(LIMIT)
  const inside = Value('c_int', 0)
  const most = Value('c_int', 0)
  const children = [0, 1, 2, 3, 4].map((id) => new Process(limitedResource, [permits, inside, most, id, Date.now()]).start())
  await Promise.all(children.map((child) => child.join()))
  for (const { exitcode } of children) assert.equal(exitcode, 0)

  assert(most.value >= 1 && most.value <= LIMIT)
  assert.deepEqual([inside.value, permits.value], [0, LIMIT])
  console.log(`never more than ${most.value} inside; all permits are back`)
}
