/** What do a thousand pending waits cost the rest of the program? */
import { mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { Semaphore } from '../../lib/index.js'
import { expectExact, median } from '../measure.js'
import { line, type Question, type Trials } from '../question.js'
import { nodeTrial } from '../trials.js'

const WAITS = 1000
const FILE_BYTES = 2 ** 20
const READS = 200

/** A file that goes with this process, however it ends. */
function makeFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sharedctypes-bench-'))
  const path = join(folder, 'file')
  writeFileSync(path, Buffer.alloc(FILE_BYTES, 'x'))
  const descriptor = openSync(path, 'r')
  rmSync(folder, { recursive: true })
  return `/proc/self/fd/${descriptor}`
}

/** ms that each of some reads took. */
async function readTimes(path: string, count: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    const { length } = await readFile(path)
    times.push(performance.now() - start)
    expectExact('bytes read', length, FILE_BYTES)
  }
  return times
}

/** ms between looks of a loop that should look each ms: less than 1 % took longer. */
async function loopDelay(ms: number): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  await setTimeout(ms)
  delays.disable()
  return delays.percentile(99) / 1e6
}

const threads = () => readdirSync('/proc/self/task').length

export const trials = {
  async acquireAsync(n) {
    const path = makeFile()
    await readTimes(path, READS) // the warm-up, which also starts the threads of libuv's pool
    const threadsAlone = threads()
    const delayAlone = await loopDelay(n)
    // Before and after, so that drift hits both alike.
    const readsAlone = await readTimes(path, READS / 2)

    const semaphore = Semaphore(0)
    let settled = 0
    const waits = Array.from({ length: WAITS }, async () => {
      const taken = await semaphore.acquireAsync()
      settled++
      return taken
    })
    const delay = await loopDelay(n)
    const reads = await readTimes(path, READS)
    const moreThreads = threads() - threadsAlone
    expectExact('waits that ended early', settled, 0)

    const start = performance.now()
    semaphore.release(WAITS)
    const taken = await Promise.all(waits)
    const releaseMs = performance.now() - start
    expectExact('permits given', taken.filter((each) => each === true).length, WAITS)
    expectExact('permits left', semaphore.value, 0)

    readsAlone.push(...(await readTimes(path, READS / 2)))
    return { delay, delayAlone, moreThreads, read: median(reads), readAlone: median(readsAlone), releaseMs }
  },
} satisfies Trials

// Its number is for how many ms the event loop is watched, with the waits and without.
const ours = nodeTrial(import.meta.url, 'acquireAsync', { full: 2000, quick: 1000 })

export const question: Question = {
  name: 'pending',
  title: '1,000 pending acquireAsync of one Semaphore',
  comparisons: [
    {
      what: "event loop's delay, 99th percentile (of looks 1 ms apart, which is included)",
      unit: 'ms',
      lines: [line('ours', ours, { atMost: 5 }, 'delay'), line('nothing pending', ours, undefined, 'delayAlone')],
    },
    {
      what: 'threads more than without',
      unit: '',
      lines: [line('ours', ours, { atMost: 2 }, 'moreThreads')],
    },
    {
      what: 'fs.promises.readFile of 1 MiB',
      unit: 'ms',
      lines: [line('ours', ours, undefined, 'read'), line('nothing pending', ours, undefined, 'readAlone')],
    },
    {
      what: 'from release(1000) until all promises are fulfilled',
      unit: 'ms',
      lines: [line('ours', ours, undefined, 'releaseMs')],
    },
  ],
}
