/**
 * Running totals of four million numbers, in place, by four processes that need each other's sums. Answers "You need multiprocessing.Lock or
 * multiprocessing.Barrier to coordinate writes" ("Common Misconception") of reference 2.
 */
import assert from 'node:assert/strict'
import * as mp from 'sharedctypes'

const LENGTH = 4_000_000
const PROCESSES = 4
type Doubles = mp.RawArray<'c_double'>

function addUp(numbers: Float64Array): number {
  let sum = 0
  for (let i = 0; i < numbers.length; i++) {
    sum += numbers[i] as number
    numbers[i] = sum
  }
  return sum
}

export function addUpPart(data: Doubles, sums: Doubles, barrier: mp.Barrier, part: number): void {
  const chunk = LENGTH / PROCESSES
  const mine = data.subarray(part * chunk, (part + 1) * chunk)
  sums[part] = addUp(mine)
  // A lock would not do: everybody needs all sums, so everybody waits for all.
  barrier.wait()
  const before = sums.subarray(0, part).reduce((sum, each) => sum + each, 0)
  for (let i = 0; i < mine.length; i++) mine[i] = (mine[i] as number) + before
}

if (mp.isMainProcess) {
  const data = mp.RawArray('c_double', LENGTH)
  for (let i = 0; i < LENGTH; i++) data[i] = i % 1000
  const expected = Float64Array.from(data)
  addUp(expected)

  const sums = mp.RawArray('c_double', PROCESSES)
  const barrier = mp.Barrier(PROCESSES)
  const children = Array.from({ length: PROCESSES }, (_, part) => new mp.Process(addUpPart, [data, sums, barrier, part]).start())
  await Promise.all(children.map((child) => child.join()))
  for (const { exitcode } of children) assert.equal(exitcode, 0)
  assert.equal(Buffer.compare(Buffer.from(data.buffer), Buffer.from(expected.buffer)), 0)
  console.log(`${LENGTH.toLocaleString('en')} running totals by ${PROCESSES} processes, none wrong; their parts' sums:`, ...sums)
}
