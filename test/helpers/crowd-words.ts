/** What the processes of a crowd write down. */
import type { RawArray } from '../../lib/index.js'

export type Words = RawArray<'c_int32'>

/** Words that the parties have in common. */
export const HOLDER = 0
export const VIOLATIONS = 1
export const ITEMS = 2
export const FIRST = 3
export const SECOND = 4
export const MENDED = 5
/** Counts offers: nobody takes two of one. */
export const OFFER = 6

/** States of parties. */
export const WAITING = 1
export const BROKEN = 2
export const ACTING = 3

/** What was half written is finished, before anybody reads it. */
export function mend(shared: Words): void {
  Atomics.store(shared, SECOND, Atomics.load(shared, FIRST))
  Atomics.add(shared, MENDED, 1)
}
