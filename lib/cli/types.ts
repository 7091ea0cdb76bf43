/** How kinds and types of objects are called, from the numbers in their headers. */

import type { ScalarType } from '../ctypes/ctype.js'
import { type ScalarName, scalars } from '../ctypes/scalars.js'
import { LockKind, nameOf, ObjectKind } from '../memory/block.js'
import type { SeenSegment } from '../native.js'
import { printable } from './names.js'

export const kindOf = ({ found, objectKind }: SeenSegment): string => (found === 'arena' ? 'arena' : nameOf(ObjectKind, objectKind))

export const lockOf = ({ lockKind }: SeenSegment): string => nameOf(LockKind, lockKind)

/** As in `Value<c_int>`, `RawArray<c_double>(1000)`, `Lock`; an arena with the number of its objects. */
export function typeOf(seen: SeenSegment): string {
  const kind = kindOf(seen)
  if (seen.found === 'arena') return `arena(${seen.objects ?? 0})`
  if (kind !== 'Value' && kind !== 'Array') return kind
  const prefix = seen.lockKind === LockKind.none ? 'Raw' : ''
  return `${prefix}${kind}<${printable(seen.typeName)}>${kind === 'Array' ? `(${seen.length})` : ''}`
}

/** The element's type if it is a scalar. A struct's fields are not in the file. */
export function scalarOf({ typeName, type, elementSize }: SeenSegment): ScalarType | undefined {
  if (!Object.hasOwn(scalars, typeName)) return undefined
  const scalar = scalars[typeName as ScalarName]
  return scalar.fingerprint === type && scalar.size === elementSize ? scalar : undefined
}
