/**
 * Random sequences of operations, one at a time, by several processes of which some are killed in between, against a sequential model of a few
 * lines for each primitive.
 */
import { checkSequences } from '../../lib/testing/index.js'
import { event, lock, PROCESSES, rlock, rwlock, semaphores } from '../fixtures/race-specifications.js'
import { settings } from '../helpers/runs.js'

describe('sequences of operations by several processes', () => {
  const options = { processes: PROCESSES, commands: 60 }

  for (const [name, semaphore] of semaphores)
    it(`a ${name}`, async () => {
      await checkSequences(semaphore, { ...options, ...settings(5) })
    })

  it('an RWLock', () => checkSequences(rwlock, { ...options, ...settings(15) }))
  it('an Event', () => checkSequences(event, { ...options, ...settings(8) }))
  it('a Lock', () => checkSequences(lock, { ...options, ...settings(8) }))
  it('an RLock', () => checkSequences(rlock, { ...options, ...settings(8) }))
})
