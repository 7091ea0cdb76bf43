#!/usr/bin/env node
/** `npx sharedctypes`: shows what is in shared memory, and clears it up. Changes nothing that it was not asked to. */
import { codeOf } from '../errors.js'
import { type Command, readArguments, UsageError } from './arguments.js'
import { gc } from './gc.js'
import { inspect } from './inspect.js'
import { ls } from './ls.js'
import { json } from './output.js'
import { rm } from './rm.js'
import { usage } from './usage.js'

const DONE = 0
const FAILED = 1
const MISUSED = 2

function complain(message: string): void {
  process.stderr.write(`sharedctypes: ${message}\n`)
}

function runRm(names: readonly string[], asJson: boolean): number {
  const removal = rm(names)
  process.stdout.write(asJson ? json(removal) : removal.removed.map((name) => `removed ${name}\n`).join(''))
  for (const { message } of removal.failed) complain(message)
  return removal.failed.length === 0 ? DONE : FAILED
}

function runGc(asJson: boolean): number {
  const { removed, failed } = gc(() => complain('another sweep is under way; waiting for it to end'))
  process.stdout.write(asJson ? json({ removed, failed }) : removed.map((name) => `removed ${name}\n`).join(''))
  for (const { message } of failed) complain(message)
  return failed.length === 0 ? DONE : FAILED
}

function run(given: Command): number {
  switch (given.command) {
    case 'help':
      process.stdout.write(usage)
      return DONE
    case 'rm':
      return runRm(given.names, given.json)
    case 'gc':
      return runGc(given.json)
    case 'ls':
      process.stdout.write(ls(given.json))
      return DONE
    case 'inspect':
      process.stdout.write(inspect(given.names[0] ?? '', given.json))
      return DONE
  }
}

function main(): number {
  try {
    return run(readArguments(process.argv.slice(2)))
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`sharedctypes: ${error.message}\n\n${usage}`)
      return MISUSED
    }
    const code = codeOf(error)
    if (code === undefined) throw error // a fault of this program: with its stack
    const { message } = error as Error
    if (process.argv.includes('--json')) process.stdout.write(json({ error: { code, message } }))
    complain(message)
    return FAILED
  }
}

// A reader such as `head` may have enough before the end.
process.stdout.on('error', (error) => {
  if (codeOf(error) !== 'EPIPE') throw error
})
// Not exit(): what was written may still be on its way.
process.exitCode = main()
