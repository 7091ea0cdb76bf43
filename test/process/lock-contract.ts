/** What everything lock-like must do, whatever it is part of: run for each kind of it by lock.test.ts. */
import type { Lock } from '../../lib/index.js'
import { flowContract } from './lock-contract-flows.js'
import { othersContract } from './lock-contract-others.js'
import { ownerContract } from './lock-contract-owner.js'
import { flowOwnerContract } from './lock-contract-owner-flows.js'
import { permitContract } from './lock-contract-permits.js'
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
    const fixture = { subject, current: () => made, owned: () => made.lock as Lock }
    threadContract(fixture)
    flowContract(fixture)
    queueContract(fixture)
    if (subject.owned) {
      ownerContract(fixture)
      flowOwnerContract(fixture)
    } else permitContract(fixture)
    for (const kind of ['process', 'worker'] as const) othersContract(fixture, kind)
  })
}

/** What each part of the contract gets: the kind of lock, and the one made for the running test. */
export interface Fixture {
  readonly subject: LockSubject
  current(): Made
  /** Its lock with all that only locks have that belong to their holder: for parts of the contract that only those keep. */
  owned(): Lock
}
