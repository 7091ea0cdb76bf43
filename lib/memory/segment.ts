/** Segments as this JavaScript thread sees them: one object for each segment in which it has something open. */
import type { TypedArrays, ViewName } from '../ctypes/ctype.js'
import { native } from '../native.js'
import { checkLength } from './length.js'

const segments = new Map<number, Segment>()

export class Segment {
  /** The address of its first byte in this process. */
  readonly base: number
  readonly size: number
  readonly id: string
  readonly fd: number
  readonly inode: number
  readonly device: number
  readonly arena: boolean
  /** This process's number in it. */
  readonly slot: number
  readonly #number: number
  readonly #permanent: boolean
  #users = 0
  #buffer: ArrayBuffer | undefined
  readonly #views: { [N in ViewName]?: TypedArrays[N] } = {}

  private constructor(number: number) {
    const about = native.describe(number)
    this.#number = number
    this.#permanent = about.createdHere
    this.base = about.base
    this.size = about.size
    this.id = about.id
    this.fd = about.fd
    this.inode = about.inode
    this.device = about.device
    this.arena = about.arena
    this.slot = about.slot
  }

  get number(): number {
    return this.#number
  }

  /** The segment of this number, counting one more use. */
  static use(number: number): Segment {
    let segment = segments.get(number)
    if (segment === undefined) {
      segment = new Segment(number)
      segments.set(number, segment)
    }
    segment.#users++
    return segment
  }

  /** The segment that this thread has open under an id, if it has. */
  static find(id: string): Segment | undefined {
    for (const segment of segments.values()) if (segment.id === id && segment.#users > 0) return segment
    return undefined
  }

  /** One use less. With the last the views go, before the memory can; an arena of our own stays, and so do its views. */
  release(): void {
    this.#users--
    if (this.#users > 0 || this.#permanent) return
    segments.delete(this.#number)
    if (this.#buffer !== undefined) native.detach(this.#buffer)
    this.#buffer = undefined
  }

  /** The whole segment as a typed array. Never handed to users: it holds other objects' bytes too. */
  view(name: ViewName): TypedArrays[ViewName] {
    const known = this.#views[name]
    if (known !== undefined) return known
    checkLength(this.size, 'a segment')
    this.#buffer ??= native.view(this.#number, this.base, this.size)
    const view = new globalThis[name](this.#buffer)
    Object.assign(this.#views, { [name]: view })
    return view
  }
}
