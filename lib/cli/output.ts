/** From what was found to text. */
import { inspect } from 'node:util'

/** Columns of equal width; those in `right` are pushed to the right. */
export function table(rows: readonly (readonly string[])[], right: ReadonlySet<number>): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (right.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
  return rows.map((row) => `${line(row).join('  ').trimEnd()}\n`).join('')
}

/** 16 bytes a line: offset, hex, characters. */
export function hexDump(bytes: Buffer): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const part = bytes.subarray(at, at + 16)
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${hex.padEnd(47)}  ${part.toString('latin1').replace(/[^ -~]/g, '.')}`)
  }
  return lines.join('\n')
}

/** A value on one or a few lines. Strings are quoted and without control characters. */
export function show(value: unknown): string {
  return inspect(value, { depth: 4, maxArrayLength: null, maxStringLength: 1000, breakLength: 100, compact: 3 })
}

/** What JSON can say: of integers that a number can't hold the digits, of bytes the hex digits, of NaN and the infinities the name. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (Buffer.isBuffer(value)) return { hex: value.toString('hex') }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
  return value
}

export function json(value: unknown): string {
  return `${JSON.stringify(plain(value), null, 2)}\n`
}
