/** Values by their structure: to find one again, and to keep one as it is. */
import v8 from 'node:v8'

/** Equal only for values of equal structure. Some that are equal differ in it (the order of keys): a search then does some work twice. */
export function keyOf(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (value === undefined || value === null || typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? JSON.stringify(value) : v8.serialize(value).toString('latin1')
}

/** Freezes plain data, so that a model that changes a state instead of making the next one is told so by a TypeError. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const each of Object.values(value)) frozen(each)
  return value
}
