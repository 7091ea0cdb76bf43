/** Ours: the other side attaches to the bytes, once or each time, and is told by a message or by a Semaphore. */
import { attach, type Handle, RawArray, RawValue, Semaphore } from '../../lib/index.js'
import { expectExact } from '../measure.js'
import { inTime, PATIENCE_MS } from '../processes.js'
import { type Prepare, sumOfPages } from './sizes.js'

type Bytes = RawArray<'c_ubyte'>

/** A handle to be attached, kept, and read when told; or attached and closed each time. */
type Order = { readonly keep: Handle } | { readonly once: Handle } | 'read'

let kept: Bytes | undefined

export function obey(order: Order): number {
  if (order === 'read') return sumOfPages(kept as Bytes)
  if ('keep' in order) {
    kept?.close()
    kept = attach<Bytes>(order.keep)
    return 0
  }
  const bytes = attach<Bytes>(order.once)
  const sum = sumOfPages(bytes)
  bytes.close()
  return sum
}

export const attachedBefore: Prepare = async (partner, size) => {
  const array = RawArray('c_ubyte', size)
  await partner.ask({ keep: array.toJSON() })
  return { bytes: () => array, handOver: () => partner.ask<number>('read'), close: () => array.close() }
}

export const copiedIn: Prepare = async (partner, size, times) => {
  const side = await attachedBefore(partner, size, times)
  const source = new Uint8Array(size)
  const handOver = () => {
    side.bytes().set(source)
    return side.handOver()
  }
  return { ...side, bytes: () => source, handOver }
}

export const attachedEachTime: Prepare = (partner, size) => {
  const array = RawArray('c_ubyte', size)
  return { bytes: () => array, handOver: () => partner.ask<number>({ once: array.toJSON() }), close: () => array.close() }
}

interface Gates {
  readonly array: Handle
  readonly sum: Handle
  readonly there: Handle
  readonly back: Handle
  readonly times: number
}

/** The first time it also waits until 1 GiB has been filled. */
const GATE_MS = 6 * PATIENCE_MS

/** The other side of the Semaphores: reads so many times. */
export function readAtGate({ times, ...handles }: Gates): number {
  const array = attach<Bytes>(handles.array)
  const sum = attach<RawValue<'c_double'>>(handles.sum)
  const there = attach<Semaphore>(handles.there)
  const back = attach<Semaphore>(handles.back)
  for (let i = 0; i < times; i++) {
    inTime(there.acquire(GATE_MS))
    sum.value = sumOfPages(array)
    back.release()
  }
  array.close()
  return times
}

export const toldBySemaphore: Prepare = (partner, size, times) => {
  const array = RawArray('c_ubyte', size)
  const sum = RawValue('c_double')
  const [there, back] = [Semaphore(0), Semaphore(0)]
  const [a, s, t, b] = [array, sum, there, back].map((each) => each.toJSON())
  const end = partner.ask<number>({ array: a, sum: s, there: t, back: b, times })
  const handOver = () => {
    there.release()
    inTime(back.acquire(PATIENCE_MS))
    return sum.value
  }
  const close = async () => {
    expectExact('times that it was read', await end, times)
    array.close()
  }
  return { bytes: () => array, handOver, close }
}
