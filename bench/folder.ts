/** Where all that trials and compilers leave lies, so that one process can remove it however they end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that goes with this process. From now on `os.tmpdir()` is within it, here and in what this process starts. */
export function ownFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'sharedctypes-bench-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true, maxRetries: 3 }))
  process.env.TMPDIR = made
  return made
}
