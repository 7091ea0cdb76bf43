/** Does it matter how large an Array is that a child is given? */
import { Process, Array as SharedArray } from '../../lib/index.js'
import { expectExact, median, quantile } from '../measure.js'
import { line, type Question, type Trials } from '../question.js'
import { nodeTrial, pythonTrial } from '../trials.js'

const LENGTH = 2 ** 28 // of c_int: 1 GiB

/** The child's target. Its first statement looks at the clock, CLOCK_MONOTONIC for all processes. */
export function arrived(array?: SharedArray<'c_int'>): void {
  const now = process.hrtime.bigint()
  process.stdout.write(`${now} ${array === undefined ? 0 : array.length}`)
}

/** ms from `start()` to the child's first statement. */
async function handOver(args: unknown[], length: number): Promise<number> {
  const child = new Process(arrived, args, { module: import.meta.url, stdio: ['ignore', 'pipe', 'inherit'] })
  const start = process.hrtime.bigint()
  child.start()
  let text = ''
  for await (const chunk of child.stdout ?? []) text += chunk
  await child.join()
  const [now = '', received] = text.split(' ')
  expectExact('length of the array in the child', Number(received), length)
  return Number(BigInt(now) - start) / 1e6
}

export const trials = {
  async process(n) {
    const array = SharedArray('c_int', LENGTH)
    const nothing: number[] = []
    const all: number[] = []
    await handOver([], 0) // the first child reads node itself from disk
    for (let i = 0; i < n; i++) {
      // Each has the other as its neighbour, in either order, so that drift hits both alike.
      if (i % 2 === 0) nothing.push(await handOver([], 0))
      all.push(await handOver([array], LENGTH))
      if (i % 2 === 1) nothing.push(await handOver([], 0))
    }
    const more = median(all.map((ms, i) => ms - (nothing[i] as number)))
    const undisturbed = quantile(all, 0.25) - quantile(nothing, 0.25)
    return { nothing: median(nothing), all: median(all), more, undisturbed }
  },
} satisfies Trials

const pairs = { full: 10, quick: 2 }
const ours = nodeTrial(import.meta.url, 'process', pairs)
const python = pythonTrial('start_with_array.py', 'process', pairs)

export const question: Question = {
  name: 'start-with-array',
  title: "From start() to the child's first statement",
  comparisons: [
    {
      what: 'with nothing',
      unit: 'ms',
      lines: [line('ours', ours, undefined, 'nothing'), line('CPython, spawn', python, undefined, 'nothing')],
    },
    {
      what: 'with an Array of 1 GiB',
      unit: 'ms',
      lines: [line('ours', ours, undefined, 'all'), line('CPython, spawn', python, undefined, 'all')],
    },
    {
      what: 'what the Array adds (median of pairs)',
      unit: 'ms',
      lines: [line('ours', ours, { atMost: 1 }, 'more'), line('CPython, spawn', python, undefined, 'more')],
    },
    {
      what: 'the same between the fastest quarters: on a busy machine the others say more about their neighbours',
      unit: 'ms',
      lines: [line('ours', ours, undefined, 'undisturbed'), line('CPython, spawn', python, undefined, 'undisturbed')],
    },
  ],
}
