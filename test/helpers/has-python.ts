/** A real CPython, where there is one. */
import { spawnSync } from 'node:child_process'

let found: boolean | undefined

export function hasPython(): boolean {
  found ??= spawnSync('python3', ['-c', 'from multiprocessing import shared_memory'], { stdio: 'ignore' }).status === 0
  return found
}

/** True: the test is skipped, counted and with the reason. */
export function missingPython(context: Mocha.Context): boolean {
  if (hasPython()) return false
  console.log('      skipped: there is no python3 with multiprocessing.shared_memory')
  return context.skip()
}
