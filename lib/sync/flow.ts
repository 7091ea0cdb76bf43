/**
 * Flows: chains of asynchronous calls, told apart by AsyncLocalStorage. Each `withLockAsync` callback runs in a frame of its own; a call
 * belongs to the frames it was made in, through awaits and timers.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

export interface Frame {
  readonly parent: Frame | undefined
}

// Made on first use: programs that hold no lock across an await don't pay for it.
let storage: AsyncLocalStorage<Frame> | undefined

export function currentFrame(): Frame | undefined {
  return storage?.getStore()
}

export function newFrame(): Frame {
  return { parent: currentFrame() }
}

export function isInside(frame: Frame): boolean {
  for (let each = currentFrame(); each !== undefined; each = each.parent) if (each === frame) return true
  return false
}

export function runInside<T>(frame: Frame, call: () => T): T {
  storage ??= new AsyncLocalStorage<Frame>()
  return storage.run(frame, call)
}
