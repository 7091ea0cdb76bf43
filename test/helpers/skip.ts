/** Skips that say why. */
import type { Context } from 'mocha'

/** Skips a test, or a whole suite from its `before`, and says why: it is counted as pending. */
export function skipFor(context: Context, reason: string): never {
  console.log(`      skipped: ${reason}`)
  return context.skip()
}
