/** Holding something for the length of a function or a block. */
import { isThenable } from '../check.js'
import { invalidType } from '../errors.js'

/** What holds a lock or a permit until disposed: `using _ = lock.hold()`. */
export interface Hold {
  /** Releases it, once. */
  release(): void
  [Symbol.dispose](): void
}

export function holdUntil(giveBack: () => void): Hold {
  let held = true
  const release = () => {
    if (!held) return
    held = false
    giveBack()
  }
  return { release, [Symbol.dispose]: release }
}

/**
 * Calls `fn` and gives back what is held, however it ends.
 *
 * @param because - why no promise may come back, in words
 */
export function callHolding<T>(fn: () => T, giveBack: () => void, because: string): T {
  let result: T
  try {
    result = fn()
  } finally {
    giveBack()
  }
  if (isThenable(result)) throw invalidType(`Expected \`fn\` to return no promise, because ${because}`)
  return result
}
