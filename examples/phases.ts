/**
 * Heat spreading in a rod, step by step, by four processes that wait for each other at a Barrier after each step. Answers "multiprocessing.Barrier"
 * of reference 2.
 */
import assert from 'node:assert/strict'
import * as mp from 'sharedctypes'

const CELLS = 20_000
const STEPS = 500
const PROCESSES = 4
type Rod = Float64Array

/** One step for the cells from `start` to `end`: each takes heat from its neighbours, as they were before. */
function step(before: Rod, after: Rod, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    const here = before[i] as number
    const left = before[i - 1] ?? here
    const right = before[i + 1] ?? here
    after[i] = here + 0.25 * (left - 2 * here + right)
  }
}

export function simulate(rods: [mp.RawArray<'c_double'>, mp.RawArray<'c_double'>], barrier: mp.Barrier, part: number): void {
  const chunk = CELLS / PROCESSES
  let [before, after] = rods
  for (let n = 0; n < STEPS; n++) {
    step(before, after, part * chunk, (part + 1) * chunk)
    // The next step reads what the neighbours wrote in this one, and writes where they read.
    barrier.wait()
    ;[before, after] = [after, before]
  }
}

/** The rod as 60 characters, darker where it is hotter. */
function draw(rod: Rod): string {
  const width = 4
  const from = CELLS / 2 - 30 * width
  return Array.from({ length: 60 }, (_, i) => ' ▁▂▃▄▅▆▇█'[Math.round((rod[from + i * width] as number) * 8)]).join('')
}

if (mp.isMainProcess) {
  const start = Float64Array.from({ length: CELLS }, (_, i) => (Math.abs(i - CELLS / 2) < 50 ? 1 : 0))
  let [before, after] = [start.slice(), start.slice()]
  for (let n = 0; n < STEPS; n++) {
    step(before, after, 0, CELLS)
    ;[before, after] = [after, before]
  }

  const rods = [mp.RawArray('c_double', start), mp.RawArray('c_double', CELLS)] as const
  const barrier = mp.Barrier(PROCESSES)
  const children = Array.from({ length: PROCESSES }, (_, part) => new mp.Process(simulate, [rods, barrier, part]).start())
  await Promise.all(children.map((child) => child.join()))
  for (const { exitcode } of children) assert.equal(exitcode, 0)

  const result = rods[STEPS % 2] as Rod
  assert.deepEqual(Float64Array.from(result), before, 'equal to the last bit')
  console.log(`${STEPS} steps of ${CELLS} cells by ${PROCESSES} processes: equal to those of one process, to the last bit`)
  console.log(draw(start))
  console.log(draw(result))
}
