/** The words that the processes of a race share: where they meet, when they start, the clock of their histories, how far each has come. */
import { availableParallelism } from 'node:os'
import { RawArray, type RawArrayType } from '../index.js'

export type RaceWords = RawArrayType<'c_int32'>

/** Each word on two cache lines of its own: processors fetch them in pairs. */
const APART = 32
const CLOCK = 0
/** How often the line was reached, by all together. */
const ARRIVED = APART
/** How many of those who wait are asleep. */
const NAPPING = ARRIVED + 1
/** How often all were let go. Stored after START, which it so publishes. */
const CROSSED = APART * 2
/** When they are let go: a double, in two words. */
const START = CROSSED + 2
const PROGRESS = APART * 3

/** Turns of a spin before a process naps: it may keep one that has not arrived yet from the processor. */
const PATIENCE = 2000
/** And between two naps, as long as not all are here. */
const GLANCE = 500
const NAP_MS = 0.05
/** How far ahead the start is put, in ns: those who wait have to see it. */
const SHORTLY = 500
/** How long the last to arrive waits for those who nap, in ns: they wake up by themselves, but on a busy machine late. */
const FOR_NAPS = 1_000_000

export function makeRaceWords(processes: number): RaceWords {
  return RawArray('c_int32', PROGRESS + APART * processes)
}

/** ns of CLOCK_MONOTONIC, the same in all processes. Exact to 1 ns for the first 104 days after boot, to 2 for the next. */
function now(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e9 + nanoseconds
}

const pillow = new Int32Array(new SharedArrayBuffer(4))

/** One process's place at the line. */
export class StartingLine {
  readonly #words: RaceWords
  readonly #start: Float64Array
  readonly #parties: number
  readonly #progress: number
  /** Parties for whom there is no processor: nobody waits until they are awake. */
  readonly #surplus: number
  #crossed = 0

  /** @param parties - how many start together; `words` are fresh, or {@link clear}ed */
  constructor(words: RaceWords, place: number, parties: number) {
    this.#words = words
    this.#start = new Float64Array(words.buffer, words.byteOffset + START * words.BYTES_PER_ELEMENT, 1)
    this.#parties = parties
    this.#surplus = Math.max(0, parties - availableParallelism())
    this.#progress = PROGRESS + APART * place
  }

  static clear(words: RaceWords): void {
    words.fill(0)
  }

  /** Waits until all parties are here, and then, spinning, for the instant that the last of them names: they go on together. */
  cross(): void {
    const words = this.#words
    const round = ++this.#crossed
    if (Atomics.add(words, ARRIVED, 1) + 1 === round * this.#parties) {
      const latest = now() + FOR_NAPS
      while (Atomics.load(words, NAPPING) > this.#surplus && now() < latest);
      this.#start[0] = now() + SHORTLY
      Atomics.store(words, CROSSED, round)
    } else this.#wait(round)
    const start = this.#start[0] as number
    while (now() < start);
  }

  #wait(round: number): void {
    const words = this.#words
    for (let turns = 0; Atomics.load(words, CROSSED) < round; turns++) {
      if (turns < PATIENCE) continue
      Atomics.add(words, NAPPING, 1)
      Atomics.wait(pillow, 0, 0, NAP_MS)
      Atomics.sub(words, NAPPING, 1)
      turns = Atomics.load(words, ARRIVED) < round * this.#parties ? PATIENCE - GLANCE : 0
    }
  }

  /**
   * The next instant of the clock of histories.
   *
   * A counter, not the time of day: if the number that one process takes after an operation is smaller than the one that another takes before
   * its own, the second addition has read what the first wrote, so all that the first process did before is visible to the second. By a hardware
   * clock an operation could seem to have ended while its store is still on its way to the others.
   */
  tick(): number {
    return Atomics.add(this.#words, CLOCK, 1)
  }

  /** Notes where this process is, for whoever asks why it does not come back. */
  note(round: number, step: number): void {
    this.#words[this.#progress] = round
    this.#words[this.#progress + 1] = step
  }

  static progress(words: RaceWords, place: number): { round: number; step: number } {
    const at = PROGRESS + APART * place
    return { round: words[at] as number, step: words[at + 1] as number }
  }
}
