/** How often properties run: RUNS of the environment times as often; with SEED, one of them again. */
export function settings(numRuns: number): { numRuns: number; seed?: number } {
  return { numRuns: numRuns * Number(process.env.RUNS ?? 1), ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }) }
}
