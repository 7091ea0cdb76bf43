/** Operations of several processes at the same instant: some order of them explains what each gave. */
import { expect } from 'chai'
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
  let overlapping = 0

  function linearizable<Objects, State>(name: string, specification: Specification<Objects, State>, repeats = 60): void {
    it(`of ${name}`, async () => {
      const done = await checkRaces(specification, { processes: PROCESSES, repeats, ...settings(8) })
      expect(done.repetitions).to.be.above(0)
      overlapping += done.overlapping
    })
  }

  linearizable('locked increments, blocking and asynchronous', lockedCounter)
  linearizable('atomic operations on a c_int', atomicInt)
  linearizable('atomic operations on a c_byte', atomicByte)
  linearizable('atomic operations on a c_double', atomicDouble)
  linearizable('a Lock', lock)
  linearizable('an RLock', rlock)
  linearizable('an RWLock', rwlockInRaces)
  linearizable('an Event', event)
  for (const [name, semaphore] of semaphores) linearizable(`a ${name}`, semaphore)
  linearizable("a ShareableList's item under a Lock", guardedItem, 40)
  linearizable('creating, opening and unlinking a name', named, 40)
  it('did take place: operations overlapped', () => expect(overlapping).to.be.above(0))
})
