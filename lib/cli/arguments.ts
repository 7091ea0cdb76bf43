/** What was typed: a command, its names, --json. */
import { parseArgs } from 'node:util'

export type Command =
  | { readonly command: 'help' }
  | { readonly command: 'ls' | 'inspect' | 'rm' | 'gc'; readonly names: string[]; readonly json: boolean }

/** Names that each command takes: at least, at most. */
const counts = { ls: [0, 0], inspect: [1, 1], rm: [1, Number.POSITIVE_INFINITY], gc: [0, 0] } as const

/** What was typed can't be understood. */
export class UsageError extends Error {}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** @throws UsageError */
export function readArguments(args: readonly string[]): Command {
  const { values, positionals } = parse(args)
  if (values.help) return { command: 'help' }
  const [command, ...names] = positionals
  if (command === undefined) throw new UsageError('a command is missing')
  if (!Object.hasOwn(counts, command)) throw new UsageError(`unknown command ${JSON.stringify(command)}`)
  const known = command as keyof typeof counts
  const [least, most] = counts[known]
  if (names.length < least) throw new UsageError(`${known}: a name is missing`)
  if (names.length > most) throw new UsageError(`${known}: ${JSON.stringify(names[most])} is too much`)
  return { command: known, names, json: values.json }
}
