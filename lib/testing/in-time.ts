/** A limit for what processes do together. */
import { TimeoutError } from '../errors.js'
import { startTimer } from '../sync/wait-in-line.js'

/**
 * @param late - says what is still going on
 * @throws (rejects with) ERR_TIMEOUT
 */
export async function inTime<T>(work: Promise<T>, limit: number, late: () => string): Promise<T> {
  if (limit === Number.POSITIVE_INFINITY) return work
  let stopTimer = () => {}
  const out = new Promise<never>((_, reject) => {
    stopTimer = startTimer(limit, () => reject(new TimeoutError(late())))
  })
  try {
    return await Promise.race([work, out])
  } finally {
    stopTimer()
  }
}
