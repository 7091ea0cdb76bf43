/**
 * Flows: chains of asynchronous calls, told apart by AsyncLocalStorage. Each `withLockAsync` callback runs in a frame of its own; a call
 * belongs to the frames it was made in, through awaits and timers.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

export interface Frame {
  readonly parent: Frame | undefined
  /** Its callback is over; what it started may still run. */
  ended: boolean
}

// Made on first use: programs that hold no lock across an await don't pay for it.
let storage: AsyncLocalStorage<Frame> | undefined

export function currentFrame(): Frame | undefined {
  return storage?.getStore()
}

export function newFrame(): Frame {
  // What has ended holds nothing: without this, a chain of callbacks that start the next one would grow for ever.
  let parent = currentFrame()
  while (parent?.ended) parent = parent.parent
  return { parent, ended: false }
}

export function isInside(frame: Frame): boolean {
  for (let each = currentFrame(); each !== undefined; each = each.parent) if (each === frame) return true
  return false
}

export function runInside<T>(frame: Frame, call: () => T): T {
  storage ??= new AsyncLocalStorage<Frame>()
  return storage.run(frame, call)
}
