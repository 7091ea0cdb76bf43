/** How fast do processes go from round to round, each waiting for all others? */
import { Barrier, Process, RawArray } from '../../lib/index.js'
import { expectExact } from '../measure.js'
import { beside, PATIENCE_MS, takeOwnCpu, usPerRound } from '../processes.js'
import { line, type Question, type Sample, type Trials } from '../question.js'
import { cTrial, nodeTrial, pythonTrial, some } from '../trials.js'

const PARTIES = 4
type Numbers = RawArray<'c_int'>

/** One party. `rounds` tells the others where it is; `places` adds up in which place it came to the barrier. */
export function meet(barrier: Barrier, rounds: Numbers, places: Numbers, party: number, last: number): Sample {
  takeOwnCpu(party)
  let sum = 0
  const sample = usPerRound(last, (i) => {
    rounds[party] = i
    sum += barrier.wait(PATIENCE_MS)
    // Nobody gets ahead by more than the round that it waits in.
    const next = rounds[(party + 1) % PARTIES] as number
    if (next !== i) expectExact('round of another', next, i + 1)
  })
  places[party] = sum
  return sample
}

export const trials = {
  async barrier(n) {
    const barrier = Barrier(PARTIES)
    const rounds = RawArray('c_int', PARTIES)
    const places = RawArray('c_int', PARTIES)
    const child = (party: number) => new Process(meet, [barrier, rounds, places, party, n], { module: import.meta.url }).start()
    const sample = await beside([1, 2, 3].map(child), () => meet(barrier, rounds, places, 0, n))
    // In each round everyone has a place of his own.
    const sum = places.reduce((total, each) => total + each, 0)
    expectExact('places', sum, n * (0 + 1 + 2 + 3))
    return sample
  },
} satisfies Trials

export const question: Question = {
  name: 'barrier',
  title: 'Barrier: 4 processes, spread over the CPUs, 10,000 rounds (time of each)',
  comparisons: [
    {
      what: 'barrier.wait()',
      unit: 'µs',
      lines: [
        line('ours', nodeTrial(import.meta.url, 'barrier', some(10_000)), undefined, 'us'),
        line('C, pthread_barrier_wait', cTrial('barrier.c', 'barrier', some(10_000)), undefined, 'us'),
        line('CPython, multiprocessing.Barrier', pythonTrial('barrier.py', 'barrier', some(10_000)), { timesFaster: 3 }, 'us'),
      ],
    },
  ],
}
