/** `inspect`: one of them, with its values. */
import { codeOf } from '../errors.js'
import { type Details, detailsOf } from './details.js'
import { type Entry, lookAt } from './entry.js'
import { creatorText, lockText } from './ls.js'
import { filesNamed } from './names.js'
import { hexDump, json, show } from './output.js'
import { lookAround } from './processes.js'

interface Found {
  readonly entry: Entry
  readonly details: Details
}

function find(typed: string): Found {
  const uses = lookAround()
  let missing: unknown
  for (const name of filesNamed(typed)) {
    try {
      return lookAt(name, uses, (look) => ({ entry: look.entry, details: detailsOf(look) }))
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
      missing ??= error
    }
  }
  throw missing
}

function detailText([key, value]: [string, unknown]): [string, string] {
  const name = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  if (Buffer.isBuffer(value)) return [name, hexDump(value)]
  return [name, typeof value === 'string' && key === 'lock' ? value : show(value)]
}

function text({ entry, details }: Found): string {
  const { name, type, size, attached, pids, problem } = entry
  const lines: [string, string][] = [
    ['name', name ?? '(anonymous)'],
    ['type', type],
    ['size', `${size} bytes`],
    ['attached', `${attached ?? '-'}${pids.length > 0 ? ` (${pids.join(', ')})` : ''}`],
    ['creator', creatorText(entry)],
    ['locked by', lockText(entry)],
    ...(problem === null ? [] : [['problem', problem] as [string, string]]),
    ...Object.entries(details).map(detailText),
  ]
  const width = Math.max(...lines.map(([key]) => key.length)) + 2
  return lines.map(([key, value]) => `${key.padEnd(width)}${value.replaceAll('\n', `\n${' '.repeat(width)}`)}\n`).join('')
}

/** @throws ENOENT, ERR_OUT_OF_RANGE */
export function inspect(typed: string, asJson: boolean): string {
  const found = find(typed)
  return asJson ? json({ ...found.entry, ...found.details }) : text(found)
}
