/** What packages offer: memory found by a key, and a store of values. */
import { shmTypedArray } from '../shm-typed-array.js'
import { openStore, type Store } from '../store.js'
import { type Prepare, sumOfPages } from './sizes.js'

type KeyOrder = { readonly keep: number } | { readonly once: number } | 'read'

/** The same orders for a package whose handles are keys. */
export function obeyKeys(): (order: KeyOrder) => number {
  const shm = shmTypedArray()
  let before: { key: number; bytes: Buffer } | undefined
  return (order) => {
    if (order === 'read') return sumOfPages((before as { bytes: Buffer }).bytes)
    if ('keep' in order) {
      if (before !== undefined) shm.detach(before.key)
      before = { key: order.keep, bytes: shm.get(order.keep, 'Buffer') }
      return 0
    }
    const sum = sumOfPages(shm.get(order.once, 'Buffer'))
    shm.detach(order.once)
    return sum
  }
}

export const byKey =
  (way: 'keep' | 'once'): Prepare =>
  async (partner, size) => {
    const shm = shmTypedArray()
    const bytes = shm.create(size, 'Buffer')
    if (way === 'keep') await partner.ask({ keep: bytes.key })
    const order = way === 'keep' ? 'read' : { once: bytes.key }
    return { bytes: () => bytes, handOver: () => partner.ask<number>(order), close: () => shm.destroy(bytes.key) }
  }

export const put =
  (store: Store): Prepare =>
  (partner, size) => {
    const bytes = Buffer.alloc(size)
    const handOver = () => {
      store.putSync('bytes', bytes)
      return partner.ask<number>('read')
    }
    return { bytes: () => bytes, handOver }
  }

/** The other side of the store. Each read looks for what was put meanwhile. */
export function obeyStore(): (order: 'read' | { readonly path: string }) => number {
  let store: Store | undefined
  return (order) => {
    if (order !== 'read') store = openStore(order.path, 'binary')
    store?.resetReadTxn()
    return order === 'read' ? sumOfPages(store?.getBinaryFast('bytes') as Uint8Array) : 0
  }
}
