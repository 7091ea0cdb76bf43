/** What the addon's lock functions answer in regs[0]; the same list is in native/binding/locks.cc. */
export const DONE = 0
/** Somebody else holds it. */
export const BUSY = 1
/** This thread holds it already. */
export const MINE = 2
/** This thread holds it already, for one of its asynchronous flows. */
export const MINE_FLOW = 3
/** Taken; an owner died and nobody has mended what it guards. regs[1]: the dead owner's pid. */
export const DIRTY = 4
export const CLOSED = 5
export const NOT_OWNER = 6
/** This thread holds as many locks as the kernel can hand on if it dies. */
export const TOO_MANY = 7
/** regs[1]: an errno. */
export const BROKEN = 8
/** Release: held by a flow, or dirty. Use lockReleaseAs. */
export const ASIDE = 9

/** The longest a thread blocks in one native call, in ms: between two, a worker thread can be terminated. */
export const SLICE = 100
