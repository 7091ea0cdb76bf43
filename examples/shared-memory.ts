/**
 * SharedMemory at its lowest: bytes without a header, found by name. Answers "low-level use of SharedMemory instances" of reference 3, and "SharedMemory
 * Lifecycle" of reference 2.
 */
import assert from 'node:assert/strict'
import { isMainProcess, Process, SharedMemory } from 'sharedctypes'

/** In the same process, under a name that was chosen for us. */
function lowLevel(): void {
  const a = new SharedMemory({ create: true, size: 10 })
  try {
    assert(Buffer.isBuffer(a.buf))
    assert.equal(a.buf.length, 10)
    a.buf.set([22, 33, 44, 55]) // several bytes at once
    a.buf[4] = 100 // a single one

    const b = new SharedMemory({ name: a.name })
    const copied = Int8Array.from(b.buf.subarray(0, 5))
    b.buf.write('howdy')
    console.log('copied  ', copied)
    console.log('seen by a', a.buf.toString('latin1', 0, 5))
    assert.deepEqual([...copied], [22, 33, 44, 55, 100])
    assert.equal(a.buf.toString('latin1', 0, 5), 'howdy')

    b.close()
    assert.throws(() => b.buf, { code: 'ERR_CLOSED' })
  } finally {
    a.close()
    a.unlink()
  }
  assert.throws(() => new SharedMemory({ name: a.name }), { code: 'ENOENT' })
}

export function answer(name: string): void {
  using shm = new SharedMemory({ name })
  shm.buf.write(`${shm.buf.toString('utf8', 0, 8)} yourself`)
}

/** In another process, under a name of our own. Such a block is removed by unlink() alone. */
async function lifecycle(name: string): Promise<void> {
  const shm = new SharedMemory({ name, create: true, size: 1024 })
  try {
    shm.buf.write('good day')
    assert.throws(() => new SharedMemory({ name, create: true, size: 1024 }), { code: 'EEXIST' })
    const child = new Process(answer, [name]).start()
    await child.join()
    assert.equal(child.exitcode, 0)
    const text = shm.buf.toString('utf8', 0, shm.buf.indexOf(0))
    console.log('by name  ', text)
    assert.equal(text, 'good day yourself')
  } finally {
    shm.close() // ends this process's access,
    shm.unlink() // and this the block
  }
  assert.throws(() => new SharedMemory({ name }), { code: 'ENOENT' })
}

if (isMainProcess) {
  lowLevel()
  await lifecycle(`my_data-${process.pid}`)
}
