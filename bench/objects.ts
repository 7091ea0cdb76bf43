/** Many small objects at once: what they take of memory and descriptors, and how soon they are attached to. */
import { attach, type Handle, Lock, Process, RawArray, Value } from '../lib/index.js'
import { expectExact } from './measure.js'
import { beside } from './processes.js'
import type { Sample } from './question.js'
import { segments, sum } from './segments.js'

const MIB = 2 ** 20

interface Kind<T> {
  make(i: number): T
  /** Whether it is the one of this number, as far as can be told. */
  isRight(object: T, i: number): boolean
}
const kind = <T extends object>(own: Kind<T>) => own as Kind<object>

const kinds = {
  Value: kind<Value<'c_int'>>({ make: (i) => Value('c_int', i), isRight: (v, i) => v.value === i }),
  Lock: kind<Lock>({
    make: () => Lock(),
    isRight(lock) {
      const taken = lock.tryAcquire()
      lock.release()
      return taken
    },
  }),
}
export type ObjectKind = keyof typeof kinds

/** ms that it took to attach to all of them. */
function attachTo(name: ObjectKind, handles: readonly Handle[]): number {
  const start = performance.now()
  const objects = handles.map((handle) => attach<object>(handle))
  const ms = performance.now() - start
  expectExact(`${name}s that arrived`, objects.filter((each, i) => kinds[name].isRight(each, i)).length, handles.length)
  return ms
}

/** The other process. The handles come as text: what is live would be attached to before this begins. */
export function receive(name: ObjectKind, json: string, took: RawArray<'c_double'>): void {
  took[0] = attachTo(name, JSON.parse(json) as Handle[])
}

export async function manyObjects(name: ObjectKind, n: number): Promise<Sample> {
  const objects = Array.from({ length: n }, (_, i) => kinds[name].make(i))
  const sizes = segments()
  const bytes = sum(sizes)
  const json = JSON.stringify(objects)
  const took = RawArray('c_double', 1)
  const other = new Process(receive, [name, json, took], { module: import.meta.url }).start()
  await beside([other], () => {})
  const attachMs = took[0] as number
  const hereMs = attachTo(name, JSON.parse(json) as Handle[])
  return {
    mib: bytes / MIB,
    bytes: bytes / n,
    descriptors: sizes.length,
    attachMs,
    attachUs: (attachMs * 1e3) / n,
    hereUs: (hereMs * 1e3) / n,
  }
}
