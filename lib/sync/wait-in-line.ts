/** A wait in a lock's queue, with its time-out and its AbortSignal. */
import type { Frame } from './flow.js'
import { Failure, type FlowHold, type FlowQueue, type Outcome, type QueuedLock } from './flow-queue.js'

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

/** Resolves with the hold when the lock is taken, with undefined when time ran out; rejects with the queue's error or the signal's reason. */
export function waitInLine(
  queue: FlowQueue,
  lock: QueuedLock,
  frame: Frame | undefined,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<FlowHold | undefined> {
  return new Promise((resolve, reject) => {
    const finish = (result: Outcome) => {
      stopTimer()
      stopListening()
      if (result instanceof Failure) reject(result.reason)
      else resolve(result)
    }
    const leave = queue.wait(lock, frame, finish)
    const stopListening = onAbort(signal, () => {
      leave()
      finish(new Failure(signal?.reason))
    })
    const stopTimer = startTimer(timeout, () => {
      leave()
      finish(undefined)
    })
  })
}
