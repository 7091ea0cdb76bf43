/** One trial in a process of its own: `node trial.js MODULE NAME ITERATIONS` prints what it found out, as JSON. */
import { blackhole } from './measure.js'
import type { Trials } from './question.js'

const [, , url = '', name = '', iterations = ''] = process.argv
const { trials } = (await import(url)) as { trials: Trials }
const trial = trials[name]
if (trial === undefined) throw new Error(`${url} has no trial ${name}`)
const sample = await trial(Number(iterations))
for (const [metric, figure] of Object.entries(sample)) {
  // JSON has no such numbers, and would write null: left out.
  if (figure !== null && !Number.isFinite(figure)) throw new Error(`${name}: ${metric} is ${figure}`)
}
console.log(JSON.stringify({ ...sample, blackhole: blackhole() }))
