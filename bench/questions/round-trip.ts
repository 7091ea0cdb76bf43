/** How soon does another process know, and its answer come back: by a message, and by a Value that both look at? */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Process, RawValue } from '../../lib/index.js'
import { expectExact, median } from '../measure.js'
import { line, type Question, type Sample, type Trials } from '../question.js'
import { cTrial, nodeTrial, otherTrial, pythonTrial, some } from '../trials.js'

type Word = RawValue<'c_int'>

/** Numbers sent between two looks at the clock: few, so that a process put off by the scheduler spoils one batch and not the median. */
const BATCH = 100

/** The first batches are the warm-up. */
function usPerTrip(looks: readonly number[]): Sample {
  const batches = looks.slice(1).map((at, i) => ((at - (looks[i] as number)) * 1e3) / BATCH)
  return { us: median(batches.slice(Math.floor(batches.length / 10))) }
}

/** The other process: answers each number with the same number. */
export function echo(there: Word, back: Word, last: number): void {
  for (let i = 1; i <= last; i++) {
    while (there.value !== i);
    back.value = i
  }
}

export const trials = {
  async value(n) {
    const there = RawValue('c_int')
    const back = RawValue('c_int')
    const child = new Process(echo, [there, back, n], { module: import.meta.url }).start()
    const looks: number[] = []
    for (let i = 1; i <= n; i++) {
      there.value = i
      while (back.value !== i);
      if (i % BATCH === 0) looks.push(performance.now())
    }
    await child.join()
    expectExact('answers', back.value, n)
    return usPerTrip(looks)
  },
  async message(n) {
    if (process.send !== undefined) {
      process.on('message', (number) => process.send?.(number))
      await once(process, 'disconnect')
      return {}
    }
    const child = fork(process.argv[1] as string, [import.meta.url, 'message', '0'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    const looks: number[] = []
    let answers = 0
    await new Promise<void>((resolve) => {
      child.on('message', (number: number) => {
        if (number === answers + 1) answers++
        if (answers % BATCH === 0) looks.push(performance.now())
        if (answers === n) resolve()
        else child.send(answers + 1)
      })
      child.send(1)
    })
    child.disconnect()
    expectExact('answers', answers, n)
    return usPerTrip(looks)
  },
} satisfies Trials

export const question: Question = {
  name: 'round-trip',
  title: 'A number to another process and back',
  comparisons: [
    {
      what: 'both look at Values until they change; messages for comparison',
      unit: 'µs',
      lines: [
        line('ours, RawValue', nodeTrial(import.meta.url, 'value', some(100_000)), undefined, 'us'),
        line('C, atomic word', cTrial('round_trip.c', 'value', some(100_000)), undefined, 'us'),
        line('CPython, RawValue', pythonTrial('round_trip.py', 'value', some(40_000)), undefined, 'us'),
        line('Node, child.send', otherTrial('Node', import.meta.url, 'message', some(8_000)), undefined, 'us'),
        line('CPython, Pipe', pythonTrial('round_trip.py', 'pipe', some(20_000)), undefined, 'us'),
      ],
    },
  ],
}
