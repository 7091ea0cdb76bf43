/** Options of the lock methods. */
import { checkOptions, checkSignal, checkTimeout } from '../check.js'

export interface WaitOptions {
  /** ms to wait at most. Absent: for ever; 0: try once. */
  timeout?: number | undefined
}

export interface AsyncWaitOptions extends WaitOptions {
  /** Ends the wait: the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

export interface CheckedWait {
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

/** @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE */
export function checkWait(options: AsyncWaitOptions | undefined): CheckedWait {
  if (options === undefined) return { timeout: Number.POSITIVE_INFINITY, signal: undefined }
  const { timeout, signal } = checkOptions(options)
  return { timeout: checkTimeout(timeout, 'options.timeout'), signal: checkSignal(signal) }
}
