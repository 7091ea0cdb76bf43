/**
 * `list[i]`: an object whose prototypes end in a Proxy. Only what is no member of the object or its class gets that far, so methods and getters
 * cost what they always cost.
 */

/** The index that a property key means, or undefined: '1', '-1' and '1.5' are indices (one of them a bad one), 'length' is none. */
function indexIn(key: string | symbol): number | undefined {
  if (typeof key === 'symbol') return undefined
  const index = Number(key)
  return String(index) === key ? index : undefined
}

interface Sequence {
  readonly length: number
  get(index: number): unknown
  set(index: number, value: unknown): void
}

const handler: ProxyHandler<object> = {
  get(target, key, receiver: Sequence) {
    const index = indexIn(key)
    return index === undefined ? Reflect.get(target, key, receiver) : receiver.get(index)
  },
  set(target, key, value, receiver: Sequence) {
    const index = indexIn(key)
    if (index === undefined) return Reflect.set(target, key, value, receiver)
    receiver.set(index, value)
    return true
  },
}

/** The class to extend. */
export const Indexed = function Indexed() {} as unknown as abstract new () => object
Indexed.prototype = new Proxy(Object.create(Object.prototype), handler)
