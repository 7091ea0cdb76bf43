/**
 * Square roots of ten million doubles over a SharedMemory found by name, as in Python. Answers "Practical Pattern: Parallel NumPy Processing" of
 * reference 2 word for word; parallel-sqrt.ts does it over a RawArray, which needs no name and no unlink().
 */
import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { isMainProcess, Process, SharedMemory } from 'sharedctypes'

const LENGTH = 10_000_000

// No lock: each process has a part of its own.
export function takeRoots(name: string, start: number, end: number): void {
  using shm = new SharedMemory({ name })
  const numbers = new Float64Array(shm.buffer)
  for (let i = start; i < end; i++) numbers[i] = Math.sqrt(Math.abs(numbers[i] as number))
}

if (isMainProcess) {
  const shm = new SharedMemory({ create: true, size: LENGTH * Float64Array.BYTES_PER_ELEMENT })
  try {
    const shared = new Float64Array(shm.buffer)
    for (let i = 0; i < LENGTH; i++) shared[i] = (i % 2 === 0 ? 1 : -1) * i * i

    const workers = availableParallelism()
    const chunk = Math.ceil(LENGTH / workers)
    const begun = performance.now()
    const processes = Array.from({ length: workers }, (_, i) =>
      new Process(takeRoots, [shm.name, i * chunk, Math.min((i + 1) * chunk, LENGTH)]).start(),
    )
    for (const each of processes) await each.join()
    const took = performance.now() - begun
    for (const { exitcode } of processes) assert.equal(exitcode, 0)

    let wrong = 0
    for (let i = 0; i < LENGTH; i++) if (shared[i] !== i) wrong++
    assert.equal(wrong, 0, 'the root of i squared is i, exactly')
    console.log(`${LENGTH.toLocaleString('en')} roots by ${workers} processes in ${took.toFixed()} ms, their start included; none wrong`)
    console.log(`${shm.name}:`, shared.subarray(0, 5).join(' '), '… the last', shared.at(-1))
  } finally {
    shm.close()
    shm.unlink()
  }
}
