/** For trials in Node: loops timed after a warm-up, their results kept from the optimiser. bench/c/measure.h and python/measure.py do the same. */

/** Until compilers and caches have settled, also on a busy machine: V8 compiles beside the loop. */
const WARM_UP_MS = 100
/** Many and short: what a scheduler or a neighbour does to some of them does not move their median. */
const BATCHES = 50

let swallowed = 0

/** What all loops came to: printed, so that nothing in them is for nothing. */
export function blackhole(): number {
  return swallowed
}

/** The number that this share of all are less than. */
export function quantile(numbers: readonly number[], share: number): number {
  return quantileOfSorted(
    [...numbers].sort((a, b) => a - b),
    share,
  )
}

function quantileOfSorted(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] as number
  return below + ((sorted[Math.ceil(place)] as number) - below) * (place % 1)
}

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5)

/**
 * ns that one iteration takes, the median of all batches, and how many were done in all: what a counter must have come to.
 *
 * @param n - how many to measure
 * @param loop - does `count` iterations and returns something that depends on all of them
 */
export function measure(n: number, loop: (count: number) => number): { ns: number; iterations: number } {
  const count = Math.ceil(n / BATCHES)
  let iterations = 0
  const batch = () => {
    const start = performance.now()
    swallowed += loop(count)
    iterations += count
    return ((performance.now() - start) * 1e6) / count
  }
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) batch()
  const ns = median(Array.from({ length: BATCHES }, batch))
  return { ns, iterations }
}

/** The same for a loop that waits for promises. */
export async function measureAsync(n: number, loop: (count: number) => Promise<number>): Promise<{ ns: number; iterations: number }> {
  const count = Math.ceil(n / BATCHES)
  let iterations = 0
  const batch = async () => {
    const start = performance.now()
    swallowed += await loop(count)
    iterations += count
    return ((performance.now() - start) * 1e6) / count
  }
  for (const end = performance.now() + WARM_UP_MS; performance.now() < end; ) await batch()
  const times: number[] = []
  for (let i = 0; i < BATCHES; i++) times.push(await batch())
  return { ns: median(times), iterations }
}

/** Of a distribution: where its tail shows. */
export const PERCENTILES = [50, 90, 99, 99.9, 99.99] as const

/** `p50` … `p99.99` and `max` of all these numbers, which it sorts; with `suffix` behind each name. */
export function percentiles(numbers: Float64Array, suffix = ''): Record<string, number> {
  numbers.sort()
  const shares = PERCENTILES.map((each) => [`p${each}${suffix}`, quantileOfSorted(numbers, each / 100)] as const)
  return Object.fromEntries([...shares, [`max${suffix}`, quantileOfSorted(numbers, 1)]])
}

/** Ends the trial, and the whole run with it: speed says nothing about wrong results. */
export function expectExact(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: expected ${expected}, got ${found}`)
}
