/** Arguments on their way to a child: structured-cloned, with shared objects anywhere inside as handles. */
import { types } from 'node:util'
import v8 from 'node:v8'
import { isRecord } from '../ctypes/record.js'
import { attach } from '../memory/attach.js'
import type { Handle } from '../memory/handle.js'
import { isShared, type SharedObject } from '../memory/shared-object.js'

/** Stands for a shared object while V8 writes the rest. A view, because V8 hands views to us and plain objects not. */
class Placeholder extends Uint8Array {
  readonly index: number

  constructor(index: number) {
    super(0)
    this.index = index
  }
}

const SHARED_OBJECT = 1
const OTHER_VIEW = 0

// Node's own names for the hooks of its serializer, which its types leave out.
interface Hooks {
  _writeHostObject(view: ArrayBufferView): void
  _readHostObject(): unknown
}
const write = (v8.DefaultSerializer.prototype as unknown as Hooks)._writeHostObject
const read = (v8.DefaultDeserializer.prototype as unknown as Hooks)._readHostObject

class Writer extends v8.DefaultSerializer {
  /** What V8 throws for values that can't be cloned; Node's own default is a plain Error. */
  _getDataCloneError(message: string): Error {
    return new DOMException(message, 'DataCloneError')
  }

  _writeHostObject(view: ArrayBufferView): void {
    this.writeUint32(view instanceof Placeholder ? SHARED_OBJECT : OTHER_VIEW)
    if (view instanceof Placeholder) this.writeUint32(view.index)
    else write.call(this as unknown as Hooks, view)
  }
}

class Reader extends v8.DefaultDeserializer {
  readonly #objects: readonly unknown[]

  constructor(bytes: Uint8Array, objects: readonly unknown[]) {
    super(bytes)
    this.#objects = objects
  }

  _readHostObject(): unknown {
    if (this.readUint32() === SHARED_OBJECT) return this.#objects[this.readUint32()]
    return read.call(this as unknown as Hooks)
  }
}

/** Objects whose own properties are all that a structured clone carries of them; it has its own ways with the others. */
function isWalkable(value: object): boolean {
  const { isBoxedPrimitive, isDate, isExternal, isGeneratorObject, isNativeError, isPromise, isProxy, isRegExp, isWeakMap, isWeakSet } =
    types
  const special = [
    isBoxedPrimitive,
    isDate,
    isExternal,
    isGeneratorObject,
    isNativeError,
    isPromise,
    isProxy,
    isRegExp,
    isWeakMap,
    isWeakSet,
  ]
  return !ArrayBuffer.isView(value) && !types.isAnyArrayBuffer(value) && !(value instanceof WeakRef) && !special.some((is) => is(value))
}

/** Copies the containers that a structured clone would walk through, putting placeholders for shared objects. Cycles stay cycles. */
function replace(value: unknown, seen: Map<object, unknown>, take: (object: SharedObject) => number): unknown {
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  const remember = <T extends object>(copy: T): T => {
    seen.set(value, copy)
    return copy
  }
  if (isRecord(value)) return remember(value.toJSON())
  if (isShared(value)) return remember(new Placeholder(take(value)))
  const inner = (each: unknown) => replace(each, seen, take)
  if (value instanceof Map) {
    const copy = remember(new Map())
    for (const [key, each] of value) copy.set(inner(key), inner(each))
    return copy
  }
  if (value instanceof Set) {
    const copy = remember(new Set())
    for (const each of value) copy.add(inner(each))
    return copy
  }
  if (!Array.isArray(value) && !isWalkable(value)) return value
  const copy: object = remember(Array.isArray(value) ? new Array(value.length) : {})
  // defineProperty, not assignment: a key may be called __proto__.
  for (const [key, each] of Object.entries(value))
    Object.defineProperty(copy, key, { value: inner(each), configurable: true, enumerable: true, writable: true })
  return copy
}

/**
 * @param onHandle - called with each handle as soon as it is made: a getter in a later argument may close its object
 * @throws DataCloneError for what a structured clone can't carry (functions, symbols)
 */
export function packArguments(args: readonly unknown[], onHandle: (handle: Handle) => void): { bytes: Buffer; handles: Handle[] } {
  const handles: Handle[] = []
  const replaced = replace(args, new Map(), (object) => {
    const handle = object.toJSON()
    onHandle(handle)
    return handles.push(handle) - 1
  })
  const writer = new Writer()
  writer.writeHeader()
  writer.writeValue(replaced)
  return { bytes: writer.releaseBuffer(), handles }
}

export function unpackArguments(bytes: Uint8Array, handles: readonly Handle[]): unknown[] {
  const reader = new Reader(
    bytes,
    handles.map((handle) => attach<unknown>(handle)),
  )
  reader.readHeader()
  return reader.readValue() as unknown[]
}
