/** `object[i]` through a Proxy: what its traps make of property keys. */

/** The index that a property key means, or undefined: '1', '-1' and '1.5' are indices (which may be bad ones), 'length' is none. */
export function indexIn(key: string | symbol): number | undefined {
  if (typeof key === 'symbol') return undefined
  const index = Number(key)
  return String(index) === key ? index : undefined
}

/** Traps that send indices to `read` and `write` of the object that was indexed, and all other keys where they always go. */
export function indexTraps<T>(
  read: (object: T, index: number) => unknown,
  write: (object: T, index: number, value: unknown) => void,
): ProxyHandler<object> {
  return {
    get(target, key, receiver: T) {
      const index = indexIn(key)
      return index === undefined ? Reflect.get(target, key, receiver) : read(receiver, index)
    },
    set(target, key, value, receiver: T) {
      const index = indexIn(key)
      if (index === undefined) return Reflect.set(target, key, value, receiver)
      write(receiver, index, value)
      return true
    },
  }
}
