/** What every lock must do, whatever it is part of: run for each kind of lock by lock.test.ts. */
import { flowContract } from './lock-contract-flows.js'
import { othersContract } from './lock-contract-others.js'
import { queueContract } from './lock-contract-queue.js'
import { threadContract } from './lock-contract-thread.js'
import type { LockSubject, Made } from './lock-subject.js'

export function lockContract(subject: LockSubject): void {
  describe(subject.title, () => {
    let made: Made
    beforeEach(() => {
      made = subject.make()
    })
    afterEach(function () {
      try {
        made.remove()
      } catch (error) {
        // After a failed test the lock may still be held: one failure is enough.
        if (this.currentTest?.state !== 'failed') throw error
      }
    })
    const fixture = { subject, current: () => made }
    threadContract(fixture)
    flowContract(fixture)
    queueContract(fixture)
    for (const kind of ['process', 'worker'] as const) othersContract(fixture, kind)
  })
}

/** What each part of the contract gets: the kind of lock, and the one made for the running test. */
export interface Fixture {
  readonly subject: LockSubject
  current(): Made
}
