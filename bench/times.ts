/** For trials whose one iteration is long enough to be timed by itself. bench/python/times.py does the same. */
import { median } from './measure.js'

/** How many go before n that are measured. */
export const warmUps = (n: number): number => Math.ceil(n / 4)

/** µs of one, the median of n. `before` is not timed. */
export async function usEach(n: number, once: () => unknown, before: () => unknown = () => {}, warmUp = warmUps(n)): Promise<number> {
  const times: number[] = []
  for (let i = -warmUp; i < n; i++) {
    await before()
    const start = performance.now()
    await once()
    if (i >= 0) times.push((performance.now() - start) * 1e3)
  }
  return median(times)
}
