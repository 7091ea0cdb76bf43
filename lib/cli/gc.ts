/** `gc`: removes orphans. */
import { codeOf } from '../errors.js'
import { native } from '../native.js'

export interface Collection {
  readonly removed: string[]
  /** What may be an orphan and could not be asked or removed. */
  readonly failed: { readonly code: string | undefined; readonly message: string }[]
}

/** `onWait` is called if another sweep has to end first. */
export function gc(onWait: () => void): Collection {
  let sweep = native.sweepOrphans(false)
  if (sweep.busy) {
    onWait()
    sweep = native.sweepOrphans(true)
  }
  const failed = sweep.failed.map((error) => ({ code: codeOf(error), message: error.message }))
  return { removed: sweep.removed, failed }
}
