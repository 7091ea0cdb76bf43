/** What all ways of handing bytes over have in common: the sizes, how often each, and what the other side does with them. */
import { expectExact } from '../measure.js'
import type { Partner } from '../partner.js'
import type { Sample } from '../question.js'
import { usEach, warmUps } from '../times.js'

export const KIB = 2 ** 10
export const MIB = 2 ** 20
export const GIB = 2 ** 30

/** How many times, in a full run; a quarter of them in a quick one, and there the largest not at all. */
export const TIMES = new Map([
  [KIB, 400],
  [64 * KIB, 200],
  [MIB, 20],
  [64 * MIB, 2],
  [GIB, 1],
])
export const EFFORT = { full: 4, quick: 1 }
const PAGE = 4096
const FILL = 3

/** What the other side does: it looks at every page. */
export function sumOfPages(bytes: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < bytes.length; i += PAGE) sum += bytes[i] as number
  return sum
}

/** One size, ready to be handed over. */
export interface Side {
  /** What is handed over, or will be copied. */
  bytes(): Uint8Array
  /** Gives the sum that the other side found. */
  handOver(): number | Promise<number>
  close?(): unknown
}
/** @param times - that it will be handed over in all */
export type Prepare = (partner: Partner, size: number, times: number) => Side | Promise<Side>

export interface Limits {
  /** The largest size. */
  readonly upTo?: number
  /** Whether the bytes are copied: then the largest are sent once, without a warm-up, as it would take many seconds more. */
  readonly copies?: boolean
}

async function oneSize(partner: Partner, prepare: Prepare, size: number, times: number, warmUp: number): Promise<number> {
  const { bytes, handOver, close } = await prepare(partner, size, times + warmUp)
  bytes().fill(FILL)
  const pages = Math.ceil(size / PAGE)
  let stamp = 0
  const us = await usEach(
    times,
    async () => expectExact('sum of the pages', await handOver(), FILL * (pages - 1) + stamp),
    () => {
      stamp = (stamp + 1) % 256
      bytes()[0] = stamp
    },
    warmUp,
  )
  await close?.()
  return us
}

/** us_1024, …, us_1073741824 */
export async function allSizes(
  n: number,
  partner: Partner,
  prepare: Prepare,
  { upTo = GIB, copies = false }: Limits = {},
): Promise<Sample> {
  const sample: Record<string, number | null> = {}
  for (const [size, full] of TIMES) {
    if (size > upTo) break
    const times = Math.ceil((full * n) / EFFORT.full)
    const warmUp = copies && size === GIB ? 0 : warmUps(times)
    const leftOut = size === GIB && n < EFFORT.full
    sample[`us_${size}`] = leftOut ? null : await oneSize(partner, prepare, size, times, warmUp)
  }
  await partner.stop()
  return sample
}
