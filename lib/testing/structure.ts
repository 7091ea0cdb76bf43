/** Values by their structure: to find one again, and to keep one as it is. */
import { types } from 'node:util'
import v8 from 'node:v8'
import { wrongType } from '../check.js'

/** Equal only for values of equal structure. Some that are equal differ in it (the order of keys): a search then does some work twice. */
export function keyOf(value: unknown): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (value === undefined || value === null || typeof value === 'boolean') return String(value)
  return typeof value === 'string' ? JSON.stringify(value) : v8.serialize(value).toString('latin1')
}

/** What can be changed though it is frozen, or has no structure to compare. */
function isNoPlainData(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return true
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) || types.isMap(value) || types.isSet(value)) return true
  return types.isDate(value) || types.isPromise(value) || types.isWeakMap(value) || types.isWeakSet(value)
}

/** Of these nothing is left that could be changed. An object that only is frozen may have parts that are not. */
const done = new WeakSet<object>()

/**
 * Freezes a state, so that a model that changes one instead of making the next is told so by a TypeError.
 *
 * @throws ERR_INVALID_ARG_TYPE for a Map, Set, Date, view or function anywhere in it
 */
export function frozen<T>(state: T): T {
  if (isNoPlainData(state)) throw wrongType('state', 'plain data, without Map, Set, Date, views and functions', state)
  if (typeof state !== 'object' || state === null || done.has(state)) return state
  done.add(state)
  Object.freeze(state)
  for (const each of Object.values(state)) frozen(each)
  return state
}
