/** Checks of arguments, and their wording: what was expected, under which name, and what came instead. */
import { inspect } from 'node:util'
import { invalidType, outOfRange } from './errors.js'

/** A value as an error message shows it: short, and telling a string from a number. */
export function shown(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `function ${value.name}`
  if (typeof value === 'bigint') return `${value}n`
  const text = inspect(value, { depth: 0, maxArrayLength: 3, maxStringLength: 60, breakLength: Number.POSITIVE_INFINITY })
  return text.length > 100 ? `${text.slice(0, 97)}...` : text
}

export function wrongType(what: string, expected: string, value: unknown): TypeError {
  return invalidType(`Expected \`${what}\` to be ${expected}, got ${shown(value)}`)
}

export function wrongRange(what: string, expected: string, value: unknown): RangeError {
  return outOfRange(`Expected \`${what}\` to be ${expected}, got ${shown(value)}`)
}

/** A time in ms: undefined or Infinity wait for ever, 0 tries once. */
export function checkTimeout(timeout: unknown, what = 'timeout'): number {
  if (timeout === undefined) return Number.POSITIVE_INFINITY
  if (typeof timeout !== 'number') throw wrongType(what, 'a number of milliseconds', timeout)
  if (!(timeout >= 0)) throw wrongRange(what, 'a number of milliseconds >= 0', timeout)
  return timeout
}

export function checkSignal(signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal
  throw wrongType('options.signal', 'an AbortSignal', signal)
}

/** A whole number of things. */
export function checkCount(what: string, value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number') throw wrongType(what, 'a number', value)
  if (!Number.isInteger(value) || value < min || value > max)
    throw wrongRange(what, max === Number.MAX_SAFE_INTEGER ? `an integer >= ${min}` : `an integer from ${min} to ${max}`, value)
  return value
}

export function checkFunction(value: unknown, what: string): void {
  if (typeof value !== 'function') throw wrongType(what, 'a function', value)
}

/** An options argument: undefined or an object. */
export function checkOptions<T extends object>(options: T | undefined, what = 'options'): Partial<T> {
  if (options === undefined) return {}
  if (typeof options !== 'object' || options === null) throw wrongType(what, 'an object', options)
  return options
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
