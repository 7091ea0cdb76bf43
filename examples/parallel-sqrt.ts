/** Square roots of ten million doubles, in place, by one process per core. Answers "Practical Pattern: Parallel NumPy Processing" of reference 2. */
import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import * as mp from 'sharedctypes'

const LENGTH = 10_000_000
type Doubles = mp.RawArray<'c_double'>

// No lock: each process has a part of its own.
export function takeRoots(data: Doubles, start: number, end: number): void {
  for (let i = start; i < end; i++) data[i] = Math.sqrt(Math.abs(data[i] as number))
}

if (mp.isMainProcess) {
  const data = mp.RawArray('c_double', LENGTH)
  for (let i = 0; i < LENGTH; i++) data[i] = (i % 2 === 0 ? 1 : -1) * i * i

  const workers = availableParallelism()
  const chunk = Math.ceil(LENGTH / workers)
  const begun = performance.now()
  const children = Array.from({ length: workers }, (_, i) =>
    new mp.Process(takeRoots, [data, i * chunk, Math.min((i + 1) * chunk, LENGTH)]).start(),
  )
  await Promise.all(children.map((child) => child.join()))
  const took = performance.now() - begun
  for (const { exitcode } of children) assert.equal(exitcode, 0)

  let wrong = 0
  for (let i = 0; i < LENGTH; i++) if (data[i] !== i) wrong++
  assert.equal(wrong, 0, 'the root of i squared is i, exactly')
  console.log(
    `${LENGTH.toLocaleString('en')} roots by ${workers} processes in ${took.toFixed()} ms, their start included; none wrong, nothing copied`,
  )
  console.log('the first', data.subarray(0, 5).join(' '), '… the last', data.at(-1))
}
