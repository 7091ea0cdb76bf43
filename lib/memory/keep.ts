/** Keeping objects that are on their way to another process from being freed before it has opened them. */
import { invalidType } from '../errors.js'
import { native, regs } from '../native.js'
import { type Handle, rawBlockOf } from './handle.js'
import { Segment } from './segment.js'

/** Keeps the object of a handle that was just made here. The function given back lets it go, once. */
export function keep(handle: Handle): () => void {
  const letGo = rawBlockOf(handle)?.keep() ?? keepInSegment(handle)
  let kept = true
  return () => {
    if (kept) letGo()
    kept = false
  }
}

function keepInSegment({ segment: { id }, offset }: Handle): () => void {
  const segment = Segment.find(id)
  if (segment === undefined)
    throw invalidType('Expected a shared object of this copy of the package, got one of another copy; attach its handle here first')
  const { number } = segment
  regs[0] = number
  regs[1] = offset
  native.keep()
  return () => {
    regs[0] = number
    regs[1] = offset
    native.letGo()
  }
}
