/**
 * A counter under a lock, kept so that any increment that a kill tears or loses shows.
 *
 * Each increment is written down in three places: `words[COUNTER]`, the victim's entry in `commits` (both under the lock, with a journal
 * of two words in case the victim is killed between them), and after the release its entry in `acks`, which nobody else writes.
 */
import { attach, type Handle, type Lock, RawArray } from '../../lib/index.js'

type Words = RawArray<'c_int32'>

const COUNTER = 0
/** The journal: who is at it (slot + 1; 0 nobody), and what the counter will be. */
const JOURNAL_SLOT = 1
const JOURNAL_NEXT = 2
/** How often a taker was told of a death; how often it found a torn increment; and did without having been told. */
const TOLD = 3
const TORN = 4
const UNTOLD = 5
/** How often a dead owner was reported under another pid than that of the victim whose increment is torn. */
const MISTAKEN = 6
/** How often a taker was refused because of a death. */
export const REFUSED = 7
const WORDS = 8

export type LedgerHandle = Record<'words' | 'commits' | 'acks' | 'pids', Handle>

export class Ledger {
  readonly words: Words
  readonly commits: Words
  readonly acks: Words
  readonly pids: Words

  private constructor(words: Words, commits: Words, acks: Words, pids: Words) {
    this.words = words
    this.commits = commits
    this.acks = acks
    this.pids = pids
  }

  static create(victims: number): Ledger {
    const array = (length: number) => RawArray('c_int32', length)
    return new Ledger(array(WORDS), array(victims), array(victims), array(victims))
  }

  static attach({ words, commits, acks, pids }: LedgerHandle): Ledger {
    return new Ledger(attach<Words>(words), attach<Words>(commits), attach<Words>(acks), attach<Words>(pids))
  }

  toJSON(): LedgerHandle {
    return { words: this.words.toJSON(), commits: this.commits.toJSON(), acks: this.acks.toJSON(), pids: this.pids.toJSON() }
  }

  close(): void {
    for (const array of [this.words, this.commits, this.acks, this.pids]) array.close()
  }

  get counter(): number {
    return Atomics.load(this.words, COUNTER)
  }

  get torn(): boolean {
    return Atomics.load(this.words, JOURNAL_SLOT) !== 0
  }

  get tally(): { told: number; torn: number; untold: number; mistaken: number } {
    const [, , , told = 0, torn = 0, untold = 0, mistaken = 0] = this.words
    return { told, torn, untold, mistaken }
  }

  /** Under the lock: one increment. Atomics, so that the journal is written in this order whatever the compiler thinks of it. */
  increment(slot: number): void {
    const { words, commits } = this
    const next = Atomics.load(words, COUNTER) + 1
    Atomics.store(words, JOURNAL_NEXT, next)
    Atomics.store(words, JOURNAL_SLOT, slot + 1)
    this.#dawdle()
    Atomics.store(words, COUNTER, next)
    this.#dawdle()
    Atomics.add(commits, slot, 1)
    this.#dawdle()
    Atomics.store(words, JOURNAL_SLOT, 0)
  }

  /** Makes increments long, so that many kills fall into one. */
  #dawdle(): void {
    for (let i = 0; i < 200; i++) Atomics.load(this.words, COUNTER)
  }

  /** Under the lock, when told that its owner died: finishes the increment it was at. Killed in here, it can be done again. */
  mend(deadPid?: number): void {
    const { words, commits } = this
    Atomics.add(words, TOLD, 1)
    const slot = Atomics.load(words, JOURNAL_SLOT) - 1
    if (slot < 0) return
    Atomics.add(words, TORN, 1)
    // The one that died last may be another, which was to mend and was killed.
    if (deadPid !== undefined && !this.pids.includes(deadPid)) Atomics.add(words, MISTAKEN, 1)
    const next = Atomics.load(words, JOURNAL_NEXT)
    let others = 0
    for (let i = 0; i < commits.length; i++) if (i !== slot) others += Atomics.load(commits, i)
    Atomics.store(commits, slot, next - others)
    Atomics.store(words, COUNTER, next)
    Atomics.store(words, JOURNAL_SLOT, 0)
  }

  /** What each taker does first, with a lock whose policy is `recover`. */
  look(lock: Lock): void {
    if (lock.ownerDied) this.mend()
    this.lookForUntold()
  }

  /** A torn increment that nobody was told of: the lock let somebody in too early. */
  lookForUntold(): void {
    if (this.torn) Atomics.add(this.words, UNTOLD, 1)
  }
}
