/**
 * Typed arrays over one block in two programs that know of each other only its name. Answers the two Python shells of reference 3, with a
 * BigInt64Array for NumPy's int64, and the parent and child of "The Solution" of reference 2.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { SharedMemory } from 'sharedctypes'

const LENGTH = 1_000_000
const [, , task, name = ''] = process.argv

async function inSecondShell(order: string, block: string): Promise<void> {
  const [code] = await once(spawn(process.execPath, [fileURLToPath(import.meta.url), order, block], { stdio: 'inherit' }), 'exit')
  assert.equal(code, 0)
}

async function session(): Promise<void> {
  const a = BigInt64Array.of(1n, 1n, 2n, 3n, 5n, 8n)
  const shm = new SharedMemory({ create: true, size: a.byteLength })
  try {
    const b = new BigInt64Array(shm.buffer)
    b.set(a)
    console.log(`1> ${b} in ${shm.name}`)
    await inSecondShell('change', shm.name)
    console.log(`1> ${b}`)
    assert.deepEqual([...b], [1n, 1n, 2n, 3n, 5n, 888n])
  } finally {
    shm.close()
    shm.unlink()
  }
}

function change(): void {
  const existing = new SharedMemory({ name })
  const c = new BigInt64Array(existing.buffer)
  console.log(`2> ${c}`)
  c[c.length - 1] = 888n
  console.log(`2> ${c}`)
  existing.close()
  assert.equal(c.length, 0, 'detached: where Python refuses to close, or crashes, a view is empty here')
}

/** Copied into shared memory once, read by as many processes as you like. */
async function million(): Promise<void> {
  const data = Float64Array.from({ length: LENGTH }, (_, i) => Math.sin(i))
  const shm = new SharedMemory({ create: true, size: data.byteLength })
  try {
    const shared = new Float64Array(shm.buffer)
    shared.set(data)
    console.log(`1> ${LENGTH.toLocaleString('en')} doubles in ${shm.name}`)
    await inSecondShell('mean', shm.name)
    assert.equal(shared[0], mean(data), 'the answer is written over the first, equal to the last bit')
  } finally {
    shm.close()
    shm.unlink()
  }
}

const mean = (numbers: Float64Array) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length

function takeMean(): void {
  using shm = new SharedMemory({ name })
  const shared = new Float64Array(shm.buffer)
  shared[0] = mean(shared)
  console.log(`2> their mean is ${shared[0]}`)
}

if (task === 'change') change()
else if (task === 'mean') takeMean()
else {
  await session()
  await million()
}
