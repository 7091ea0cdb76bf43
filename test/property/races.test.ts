/** Operations of several processes at the same instant: some order of them explains what each gave. */
import { checkRaces, type Specification } from '../../lib/testing/index.js'
import {
  atomicByte,
  atomicDouble,
  atomicInt,
  event,
  guardedItem,
  lock,
  lockedCounter,
  named,
  PROCESSES,
  rlock,
  rwlockInRaces,
  semaphores,
} from '../fixtures/race-specifications.js'
import { settings } from '../helpers/runs.js'

describe('races', () => {
  function linearizable<Objects, State>(
    name: string,
    specification: Specification<Objects, State>,
    { processes = PROCESSES, repeats = 60 } = {},
  ): void {
    it(`of ${name}`, async () => {
      // Luck decides when operations overlap, on a busy machine late: those that did not have tested no race.
      let overlapping = 0
      while (overlapping === 0) ({ overlapping } = await checkRaces(specification, { processes, repeats, ...settings(6) }))
    })
  }

  linearizable('locked increments, blocking and asynchronous', lockedCounter, { processes: 2 })
  linearizable('atomic operations on a c_int', atomicInt, { processes: 2 })
  linearizable('atomic operations on a c_byte', atomicByte, { processes: 2 })
  linearizable('atomic operations on a c_double', atomicDouble, { processes: 2 })
  linearizable('a Lock', lock)
  linearizable('an RLock', rlock)
  linearizable('an RWLock', rwlockInRaces)
  linearizable('an Event', event, { processes: 2 })
  // Of those that begin with 0, a race is of `release` alone.
  for (const [name, semaphore] of semaphores) if (!name.endsWith('(0)')) linearizable(`a ${name}`, semaphore)
  linearizable("a ShareableList's item under a Lock", guardedItem, { processes: 2, repeats: 30 })
  linearizable('creating, opening and unlinking a name', named, { repeats: 30 })
})
