/** A counter, and who counted last, in one ShareableList under a Lock. Answers "Shareable List" of reference 4. */
import assert from 'node:assert/strict'
import { currentProcess, isMainProcess, Lock, Process, ShareableList } from 'sharedctypes'

const TIMES = 100_000

export function update(list: ShareableList, lock: Lock): void {
  const count = () => {
    list.set(0, (list.get(0) as number) + 1)
    list.set(1, currentProcess.name)
  }
  for (let i = 0; i < TIMES; i++) lock.withLock(count)
  list.close()
}

if (isMainProcess) {
  const lock = Lock()
  // An item has the space of its first value: 8 bytes for a number, up to 16 for this text.
  const list = new ShareableList([1, 'nobody yet'])
  try {
    const processes = ['the first', 'the second'].map((name) => new Process(update, [list, lock], { name }).start())
    for (const each of processes) await each.join()
    for (const { exitcode } of processes) assert.equal(exitcode, 0)
    const [counter, last] = list
    assert.equal(counter, 1 + 2 * TIMES)
    assert(last === 'the first' || last === 'the second')
    console.log(`from 1, ${TIMES} increments by each of two processes: ${counter}; the last was ${last}'s`)
  } finally {
    list.close()
    list.unlink()
  }
}
