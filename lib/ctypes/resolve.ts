/** From the ways in which users name a type to the type. */
import type { TypeObject } from 'koffi'
import { shown, wrongType } from '../check.js'
import { invalidType } from '../errors.js'
import { type AnyType, type CType, isType } from './ctype.js'
import { koffi } from './koffi.js'
import type { NameByCode, TypeByName } from './names.js'
import { type ScalarName, scalars, typecodes } from './scalars.js'
import { typeFromKoffi } from './struct.js'

/** A type by name (`'c_int'`), by typecode (`'i'`), by constant (`c_int`), by `struct(...)`, or a koffi type object. */
export type TypeLike = keyof TypeByName | keyof NameByCode | CType | TypeObject

function byName(name: string, what: string): AnyType {
  if (Object.hasOwn(scalars, name)) return scalars[name as ScalarName]
  const type = typecodes.get(name)
  if (type !== undefined) return type
  throw invalidType(
    `Expected \`${what}\` to name a C type (${Object.keys(scalars).join(' ')}, or a typecode ${[...typecodes.keys()].join(' ')}), got ${shown(name)}`,
  )
}

const fromKoffi = new WeakMap<object, AnyType>()

/** @throws ERR_INVALID_ARG_TYPE if `spec` is no type; `what` names the argument. */
export function resolveType(spec: unknown, what = 'type'): AnyType {
  if (typeof spec === 'string') return byName(spec, what)
  if (typeof spec !== 'object' || spec === null)
    throw wrongType(what, 'a C type (a name such as c_int, a typecode such as i, a constant, struct(...) or a koffi type)', spec)
  if (isType(spec)) return spec
  if (!(spec instanceof koffi().type('int').constructor))
    throw wrongType(what, 'a C type (a name such as c_int, a typecode such as i, a constant, struct(...) or a koffi type)', spec)
  const known = fromKoffi.get(spec)
  if (known !== undefined) return known
  const type = typeFromKoffi(spec as TypeObject)
  if (type === undefined)
    throw invalidType(
      `Expected \`${what}\` to be a type of numbers, booleans and characters, got koffi's ${(spec as TypeObject).name}, which can't be shared`,
    )
  fromKoffi.set(spec, type)
  return type
}
