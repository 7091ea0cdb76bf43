/** A wait in a lock's queue, with its time-out and its AbortSignal. */
import type { Frame } from './flow.js'
import type { FlowQueue, QueuedLock } from './flow-queue.js'

/** setTimeout counts 31 bits of ms; a longer wait is made of several. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Calls `late` in `timeout` ms; the function given back calls it off. */
function startTimer(timeout: number, late: () => void): () => void {
  if (timeout === Number.POSITIVE_INFINITY) return () => {}
  const deadline = performance.now() + timeout
  let timer: NodeJS.Timeout
  const arm = () => {
    timer = setTimeout(check, Math.min(Math.ceil(deadline - performance.now()), LONGEST_TIMER))
  }
  const check = () => {
    if (performance.now() < deadline) arm()
    else late()
  }
  arm()
  return () => clearTimeout(timer)
}

/** Resolves true when the lock is taken, false when time ran out; rejects with the queue's error or the signal's reason. */
export function waitInLine(
  queue: FlowQueue,
  lock: QueuedLock,
  frame: Frame | undefined,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const finish = (result: boolean | Error) => {
      stopTimer()
      signal?.removeEventListener('abort', abort)
      if (typeof result === 'boolean') resolve(result)
      else reject(result)
    }
    const leave = queue.wait(lock, frame, finish)
    const abort = () => {
      leave()
      stopTimer()
      reject(signal?.reason)
    }
    const stopTimer = startTimer(timeout, () => {
      leave()
      finish(false)
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}
