/** An asynchronous wait, with its time-out and its AbortSignal. */

/** What was thrown instead, which may be anything: whoever mends the data is a user's function. */
export class Failure {
  readonly reason: unknown

  constructor(reason: unknown) {
    this.reason = reason
  }
}

/** setTimeout counts 31 bits of ms; a longer wait is made of several. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Calls `late` in `timeout` ms; the function given back calls it off. */
export function startTimer(timeout: number, late: () => void): () => void {
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

interface Listeners {
  readonly waits: Set<() => void>
  readonly abort: () => void
}
const listeners = new WeakMap<AbortSignal, Listeners>()

function listen(signal: AbortSignal): Listeners {
  const waits = new Set<() => void>()
  const abort = () => {
    for (const each of [...waits]) each()
  }
  signal.addEventListener('abort', abort)
  const made = { waits, abort }
  listeners.set(signal, made)
  return made
}

/** Calls `aborted` when the signal is; the function given back calls it off. One listener a signal, because Node warns of more than ten. */
function onAbort(signal: AbortSignal | undefined, aborted: () => void): () => void {
  if (signal === undefined) return () => {}
  const { waits, abort } = listeners.get(signal) ?? listen(signal)
  waits.add(aborted)
  return () => {
    waits.delete(aborted)
    if (waits.size > 0) return
    signal.removeEventListener('abort', abort)
    listeners.delete(signal)
  }
}

/**
 * @param join - gets in line; calls `finish` once when the wait ends, and gives a function that leaves the line. That one gives back what the
 * wait had come to already (a wake-up that is used up must not get lost), or undefined
 * @param late - what the wait comes to when time runs out
 * @returns resolves with what `finish` was given; rejects with its Failure or with the signal's reason
 */
export function waitInLine<T>(
  join: (finish: (result: T | Failure) => void) => () => T | Failure | undefined,
  timeout: number,
  signal: AbortSignal | undefined,
  late: () => T | Failure,
): Promise<T> {
  // It may have been aborted while the caller waited for something else: its event is over.
  if (signal?.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const finish = (result: T | Failure) => {
      stopTimer()
      stopListening()
      if (result instanceof Failure) reject(result.reason)
      else resolve(result)
    }
    const leave = join(finish)
    const stopListening = onAbort(signal, () => finish(leave() ?? new Failure(signal?.reason)))
    const stopTimer = startTimer(timeout, () => finish(leave() ?? late()))
  })
}
