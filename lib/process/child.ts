/** The program of a child that a Process started. */
import { inspect } from 'node:util'
// Each of these says how its kind of object is attached.
import '../sharedctypes/array.js'
import '../sharedctypes/value.js'
import '../shm/shareable-list.js'
import '../shm/shared-memory.js'
import '../sync/barrier.js'
import '../sync/condition.js'
import '../sync/event.js'
import '../sync/lock.js'
import '../sync/rwlock.js'
import '../sync/semaphore.js'
import { DELIVERED, readLetter } from './letter.js'
import { becomeChild, finishedImporting } from './state.js'
import { loadTarget, setMainModule } from './target.js'

const letter = readLetter()
becomeChild(letter.name)
setMainModule(letter.module)
try {
  // The arguments first: the module may take long, and our parent may go.
  const args = letter.unpack()
  // Without a parent to hear it, there is nobody to tell.
  if (process.connected) process.send?.(DELIVERED, undefined, undefined, () => {})
  const target = await loadTarget(letter.module, letter.target)
  finishedImporting()
  await target(...args)
} catch (error) {
  process.stderr.write(`Process '${letter.name}' (pid ${process.pid}) failed:\n${inspect(error)}\n`)
  process.exit(1)
}
