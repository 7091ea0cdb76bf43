/**
 * The contract of locks whose holder dies: the next taker gets it and, of a lock with an owner, is told. Here with the default policy,
 * `recover`. Permits belong to the process, so a thread that ends does not give them back.
 */
import { expect } from 'chai'
import { Actor, type Kind, type RemoteLock } from '../helpers/actor.js'
import { idle } from '../helpers/deferred.js'
import { collectOwnerDied } from '../helpers/warnings.js'
import type { Fixture } from './lock-contract.js'

const hows = ['kill', 'exit'] as const

export function deathContract({ current, owned, subject }: Fixture, kind: Kind, elsewhere: () => RemoteLock): void {
  /** Of a lock with an owner, whether the taker is told of a death; permits tell nobody. */
  const told = () => subject.owned && owned().ownerDied
  const toldThere = async (there: RemoteLock) => subject.owned && (await there.call('ownerDied'))
  const returns = subject.owned || kind === 'process'

  describe('when its holder dies', () => {
    let warnings: ReturnType<typeof collectOwnerDied>
    let spare: Actor
    before(() => {
      spare = new Actor(kind)
    })
    after(() => spare.kill())
    /** A new party; the one after it starts in the meantime. */
    const newParty = () => {
      const party = spare
      spare = new Actor(kind)
      return party.open(current().handle)
    }
    beforeEach(() => {
      warnings = collectOwnerDied()
    })
    afterEach(() => warnings.stop())

    /** A new party that holds the lock. */
    const holder = async (operation: 'acquire' | 'acquireAsync' | 'holdInFlow' = 'acquire'): Promise<RemoteLock> => {
      const there = await newParty()
      await there.call(operation)
      if (subject.recursive && operation === 'acquire') await there.call('acquire')
      return there
    }

    if (subject.owned) {
      for (const how of hows) {
        it(`passes to the next taker, who is told until it releases (${how})`, async () => {
          const lock = owned()
          const there = await holder()
          const pid = lock.owner?.pid
          await there.actor[how]()
          expect(lock.locked).to.equal(false)
          expect(lock.ownerDied).to.equal(false) // nobody holds it
          expect(lock.acquire()).to.equal(true)
          expect(lock.ownerDied).to.equal(true)
          expect(await elsewhere().call('ownerDied')).to.equal(false) // it is not theirs to mend
          lock.release()
          expect(lock.ownerDied).to.equal(false)
          expect(lock.tryAcquire()).to.equal(true)
          expect(lock.ownerDied).to.equal(false)
          lock.release()
          await idle()
          expect(warnings.messages).to.have.length(1)
          expect(warnings.messages[0]).to.include(`process ${pid} died holding`)
        })
      }

      it('tells those who take it in other ways', async () => {
        const lock = owned()
        const ways: (() => boolean | Promise<boolean>)[] = [
          () => lock.withLock(() => lock.ownerDied),
          () => {
            using _ = lock.hold()
            return lock.ownerDied
          },
          async () => (await lock.acquireAsync()) && lock.ownerDied,
        ]
        for (const way of ways) {
          await (await holder()).actor.kill()
          expect(await way()).to.equal(true)
          if (lock.locked) lock.release()
          expect(lock.withLock(() => lock.ownerDied)).to.equal(false)
        }
      })

      it('keeps telling until somebody has it mended or released it', async () => {
        const lock = owned()
        const there = await holder()
        await there.actor.kill()
        const second = await holder() // gets it, is told, and dies as well
        expect(await second.call('ownerDied')).to.equal(true)
        await second.actor.kill()
        expect(lock.withLock(() => lock.ownerDied)).to.equal(true)
        expect(lock.withLock(() => lock.ownerDied)).to.equal(false)
      })
    }

    if (!subject.owned) {
      for (const how of hows) {
        it(`${returns ? 'comes back from a process that has' : 'stays the process’s when a thread has'} ended (${how})`, async () => {
          const { lock } = current()
          const there = await holder()
          expect(lock.locked).to.equal(true)
          await there.actor[how]()
          if (!returns) {
            expect(lock.acquire(200)).to.equal(false) // long enough for anybody to look after the dead
            lock.release() // the thread's was this process's
          }
          expect(lock.tryAcquire()).to.equal(true)
          expect(await elsewhere().call('tryAcquire')).to.equal(false)
          lock.release()
          expect(lock.locked).to.equal(false)
        })
      }
    }

    if (returns) {
      it('ends a blocking wait', async () => {
        const { lock } = current()
        const there = await holder()
        const gone = there.actor.kill() // the signal is on its way; a thread ends while this one stands still
        expect(lock.acquire()).to.equal(true)
        expect(told()).to.equal(subject.owned)
        lock.release()
        await gone
      })

      it('ends asynchronous waits, in order, and tells the first', async () => {
        const { lock } = current()
        const there = await holder()
        const log: string[] = []
        const waits = ['first', 'second'].map((name) =>
          lock.withLockAsync(async () => {
            log.push(`${name} ${told()}`)
            await idle()
            expect(told()).to.equal(subject.owned && name === 'first')
          }),
        )
        await there.actor.kill()
        await Promise.all(waits)
        expect(log).to.deep.equal([`first ${subject.owned}`, 'second false'])
        expect(lock.locked).to.equal(false)
      })

      it('ends waits of other parties', async () => {
        const { lock } = current()
        const there = await holder()
        const wait = elsewhere().begin('acquireAsync')
        await wait.begun
        await there.actor.kill()
        expect(await wait.done).to.equal(true)
        expect(await toldThere(elsewhere())).to.equal(subject.owned)
        await elsewhere().call('release')
        expect(lock.locked).to.equal(false)
      })

      for (const operation of ['acquireAsync', 'holdInFlow'] as const) {
        it(`passes on what an asynchronous flow held (${operation})`, async () => {
          const { lock } = current()
          const there = await holder(operation)
          await there.actor.kill()
          expect(lock.acquire()).to.equal(true)
          expect(told()).to.equal(subject.owned)
          lock.release()
          expect(await lock.withLockAsync(told)).to.equal(false)
        })
      }
    }

    it('loses nothing when one that waits is killed', async () => {
      const { lock } = current()
      lock.acquire()
      const waiting = await Promise.all([newParty(), newParty()])
      const [blocked, asynchronous] = waiting
      await Promise.all([blocked.begin('acquire').begun, asynchronous.begin('acquireAsync').begun])
      const patient = elsewhere().begin('acquire')
      await patient.begun
      await Promise.all(waiting.map(({ actor }) => actor.kill()))
      lock.release()
      expect(await patient.done).to.equal(true)
      expect(await toldThere(elsewhere())).to.equal(false)
      await elsewhere().call('release')
    })
  })
}
