/** For trials in Node: loops timed after a warm-up, their results kept from the optimiser. bench/c/measure.h and python/measure.py do the same. */

const WARM_UPS = 20
const BATCHES = 7

let swallowed = 0

/** What all loops came to: printed, so that nothing in them is for nothing. */
export function blackhole(): number {
  return swallowed
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2
}

/**
 * ns that one iteration takes: the median of several batches, so that what disturbs one of them does not count.
 *
 * @param loop - does `n` iterations and returns something that depends on all of them
 */
export function nsPerIteration(n: number, loop: (n: number) => number): number {
  for (let i = 0; i < WARM_UPS; i++) swallowed += loop(Math.ceil(n / WARM_UPS))
  const batches: number[] = []
  for (let i = 0; i < BATCHES; i++) {
    const start = performance.now()
    swallowed += loop(n)
    batches.push(((performance.now() - start) * 1e6) / n)
  }
  return median(batches)
}

/** How many iterations `nsPerIteration` does in all: what a counter must have come to. */
export function iterationsInAll(n: number): number {
  return WARM_UPS * Math.ceil(n / WARM_UPS) + BATCHES * n
}

/** Ends the trial, and the whole run with it: speed says nothing about wrong results. */
export function expectExact(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: expected ${expected}, got ${found}`)
}
