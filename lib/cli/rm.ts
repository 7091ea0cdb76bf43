/** `rm`: removes names. */
import { unlinkSync } from 'node:fs'
import { codeOf } from '../errors.js'
import { filesNamed, pathOf, showName } from './names.js'

export interface Removal {
  readonly removed: string[]
  readonly failed: { readonly name: string; readonly code: string | undefined; readonly message: string }[]
}

/** Removes what a typed name means and says what that was. */
function removeOne(typed: string): string {
  let missing: unknown
  for (const name of filesNamed(typed)) {
    try {
      unlinkSync(pathOf(name))
      return showName(name)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      missing ??= error
    }
  }
  throw missing
}

/** Goes on after a name that can't be removed. */
export function rm(names: readonly string[]): Removal {
  const removal: Removal = { removed: [], failed: [] }
  for (const name of names) {
    try {
      removal.removed.push(removeOne(name))
    } catch (error) {
      removal.failed.push({ name, code: codeOf(error), message: (error as Error).message })
    }
  }
  return removal
}
