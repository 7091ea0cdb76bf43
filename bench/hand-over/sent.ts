/** What comes with Node: bytes sent to a child, or posted to a worker thread. */
import type { Prepare } from './sizes.js'

export type Sent = Uint8Array | string | { readonly data: readonly number[] }

export const received = (sent: Sent): Uint8Array => {
  if (sent instanceof Uint8Array) return sent
  return typeof sent === 'string' ? Buffer.from(sent, 'base64') : Buffer.from(sent.data)
}

export const sentAs =
  (form: (bytes: Buffer) => unknown): Prepare =>
  (partner, size) => {
    const bytes = Buffer.alloc(size)
    return { bytes: () => bytes, handOver: () => partner.ask<number>(form(bytes)) }
  }

export const posted: Prepare = (partner, size) => {
  const bytes = new Uint8Array(size)
  return { bytes: () => bytes, handOver: () => partner.ask<number>(bytes) }
}

export const postedShared: Prepare = (partner, size) => {
  const bytes = new Uint8Array(new SharedArrayBuffer(size))
  return { bytes: () => bytes, handOver: () => partner.ask<number>(bytes) }
}

export interface Returned {
  readonly sum: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** There, and with the answer back again. */
export const transferred: Prepare = (partner, size) => {
  let bytes = new Uint8Array(size)
  const handOver = async () => {
    const answer = await partner.ask<Returned>(bytes, [bytes.buffer])
    bytes = answer.bytes
    return answer.sum
  }
  return { bytes: () => bytes, handOver }
}
