/** What is inside: values, holders, states. */
import type { SeenFile, SeenSegment, SeenUser } from '../native.js'
import type { Entry, Look } from './entry.js'
import type { ReadFile } from './file.js'
import { listItems, listLength } from './list-file.js'
import { lockOf, scalarOf } from './types.js'

/** Elements and items that are shown. */
const MOST = 100
/** Bytes of what has no type. */
const BYTES = 256

/** In the order in which they are shown. A Buffer is shown as a hex dump. */
export type Details = Record<string, unknown>

function elements(file: ReadFile, seen: SeenSegment): Details {
  const type = scalarOf(seen)
  const size = seen.length * seen.elementSize
  if (type === undefined) return { bytes: file.read(seen.dataOffset, Math.min(BYTES, size)), ...more(Math.min(BYTES, size), size) }
  const bytes = file.read(seen.dataOffset, Math.min(MOST, seen.length) * type.size)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const values = Array.from({ length: Math.floor(bytes.length / type.size) }, (_, i) => type.accessor.get(view, i * type.size))
  if (seen.length === 1 && seen.typeName === 'c_char') return { value: values[0] }
  if (type.category === 'char') {
    const end = bytes.indexOf(0)
    return { value: bytes.toString('utf8', 0, end < 0 ? bytes.length : end) }
  }
  return { values, ...more(values.length, seen.length) }
}

function dataOf(file: ReadFile, seen: SeenSegment, kind: string): Details {
  const data = elements(file, seen)
  return kind === 'Value' && Array.isArray(data.values) ? { value: data.values[0] } : data
}

const holders = (users: readonly SeenUser[]): SeenUser[] => users.filter(({ held }) => held > 0)

/** How many items, elements or bytes are not shown, if any. */
const more = (shown: number, length: number): Details => (length > shown ? { more: length - shown } : {})

function stateOf(seen: SeenSegment, kind: string): Details {
  const { value, bound, readers, writerInside, writerWaits, set, waiting, parties, broken, users } = seen
  switch (kind) {
    case 'Semaphore':
    case 'BoundedSemaphore':
      return { value, ...(bound === undefined ? {} : { bound }), waiting, holders: holders(users) }
    case 'RWLock':
      return { readers, holders: holders(users), writerInside, writerWaits, waiting }
    case 'Event':
      return { set, waiting }
    case 'Condition':
      return { waiting }
    case 'Barrier':
      return { parties, waiting, broken }
    default:
      return {}
  }
}

function segmentDetails(file: ReadFile, seen: SeenSegment, entry: Entry): Details {
  const { lock } = seen
  const owner = lock === undefined || lock.tid === 0 ? null : { pid: entry.lockedBy[0]?.pid, tid: lock.tid }
  return {
    ...(lock === undefined ? {} : { lock: lockOf(seen), owner }),
    ...(lock?.ownerDied ? { ownerDied: true } : {}),
    ...stateOf(seen, entry.kind),
    ...(entry.kind === 'Value' || entry.kind === 'Array' ? dataOf(file, seen, entry.kind) : {}),
  }
}

const isSegment = (seen: SeenFile): seen is SeenSegment => seen.found === 'object' || seen.found === 'arena'

export function detailsOf({ entry, file, seen }: Look): Details {
  if (file === undefined || seen === undefined) return {}
  if (isSegment(seen)) return segmentDetails(file, seen, entry)
  if (entry.kind === 'Semaphore' && seen.found === 'plain semaphore') return { value: seen.value }
  if (entry.kind === 'ShareableList') {
    const items = listItems(file, MOST)
    if (items !== undefined) return { items, ...more(items.length, listLength(file) ?? 0) }
  }
  return { bytes: file.read(0, BYTES), ...more(Math.min(BYTES, file.size), file.size) }
}
