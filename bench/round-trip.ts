/** How soon does another process know, and its answer come back: by a message, and by a Value that both look at? */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Process, RawValue } from '../lib/index.js'
import { expectExact } from './measure.js'
import { line, type Question, type Trials } from './question.js'
import { cTrial, nodeTrial, pythonTrial } from './trials.js'

type Word = ReturnType<typeof RawValue<'c_int'>>

/** The other process: answers each number with the same number. */
export function echo(there: Word, back: Word, last: number): void {
  for (let i = 1; i <= last; i++) {
    while (there.value !== i);
    back.value = i
  }
}

/** Numbers sent before the clock is looked at. */
const WARM_UP = 100

export const trials = {
  async value(n) {
    const there = RawValue('c_int')
    const back = RawValue('c_int')
    const child = new Process(echo, [there, back, WARM_UP + n], { module: import.meta.url }).start()
    let start = 0
    for (let i = 1; i <= WARM_UP + n; i++) {
      there.value = i
      while (back.value !== i);
      if (i === WARM_UP) start = performance.now()
    }
    const us = ((performance.now() - start) * 1e3) / n
    await child.join()
    expectExact('answers', back.value, WARM_UP + n)
    return { us }
  },
  async message(n) {
    if (process.send !== undefined) {
      process.on('message', (number) => process.send?.(number))
      await once(process, 'disconnect')
      return {}
    }
    const child = fork(process.argv[1] as string, [import.meta.url, 'message', '0'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    let answers = 0
    let start = 0
    const finished = new Promise<void>((resolve) => {
      child.on('message', (number: number) => {
        if (number === answers + 1) answers++
        if (answers === WARM_UP) start = performance.now()
        if (answers === WARM_UP + n) resolve()
        else child.send(answers + 1)
      })
    })
    child.send(1)
    await finished
    const us = ((performance.now() - start) * 1e3) / n
    child.disconnect()
    expectExact('answers', answers, WARM_UP + n)
    return { us }
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
        line('ours, RawValue', nodeTrial(import.meta.url, 'value', 200_000), undefined, 'us'),
        line('C, atomic word', cTrial('round_trip.c', 'value', 200_000), undefined, 'us'),
        line('CPython, RawValue', pythonTrial('round_trip.py', 'value', 50_000), undefined, 'us'),
        line('Node, child.send', nodeTrial(import.meta.url, 'message', 5_000), undefined, 'us'),
        line('CPython, Pipe', pythonTrial('round_trip.py', 'pipe', 10_000), undefined, 'us'),
      ],
    },
  ],
}
