/** The contract of locks whose owner dies: the next taker gets it at once and is told. Here with the default policy, `recover`. */
import { expect } from 'chai'
import { Actor, type Kind, type RemoteLock } from '../helpers/actor.js'
import { idle } from '../helpers/deferred.js'
import { collectOwnerDied } from '../helpers/warnings.js'
import type { Fixture } from './lock-contract.js'

const hows = ['kill', 'exit'] as const

export function ownerDeathContract({ current, subject }: Fixture, kind: Kind, elsewhere: () => RemoteLock): void {
  describe('when its owner dies', () => {
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

    for (const how of hows) {
      it(`passes to the next taker, who is told until it releases (${how})`, async () => {
        const { lock } = current()
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
      const { lock } = current()
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

    it('ends a blocking wait', async () => {
      const { lock } = current()
      const there = await holder()
      const gone = there.actor.kill() // the signal is on its way; a thread ends while this one stands still
      expect(lock.acquire()).to.equal(true)
      expect(lock.ownerDied).to.equal(true)
      lock.release()
      await gone
    })

    it('ends asynchronous waits, in order, and tells the first', async () => {
      const { lock } = current()
      const there = await holder()
      const log: string[] = []
      const waits = ['first', 'second'].map((name) =>
        lock.withLockAsync(async () => {
          log.push(`${name} ${lock.ownerDied}`)
          await idle()
          expect(lock.ownerDied).to.equal(name === 'first')
        }),
      )
      await there.actor.kill()
      await Promise.all(waits)
      expect(log).to.deep.equal(['first true', 'second false'])
      expect(lock.locked).to.equal(false)
    })

    it('ends waits of other parties', async () => {
      const { lock } = current()
      const there = await holder()
      const wait = elsewhere().begin('acquireAsync')
      await wait.begun
      await there.actor.kill()
      expect(await wait.done).to.equal(true)
      expect(await elsewhere().call('ownerDied')).to.equal(true)
      await elsewhere().call('release')
      expect(lock.locked).to.equal(false)
    })

    for (const operation of ['acquireAsync', 'holdInFlow'] as const) {
      it(`passes on what an asynchronous flow held (${operation})`, async () => {
        const { lock } = current()
        const there = await holder(operation)
        await there.actor.kill()
        expect(lock.acquire()).to.equal(true)
        expect(lock.ownerDied).to.equal(true)
        lock.release()
        expect(await lock.withLockAsync(() => lock.ownerDied)).to.equal(false)
      })
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
      expect(await elsewhere().call('ownerDied')).to.equal(false)
      await elsewhere().call('release')
    })

    it('keeps telling until somebody has it mended or released it', async () => {
      const { lock } = current()
      const there = await holder()
      await there.actor.kill()
      const second = await holder() // gets it, is told, and dies as well
      expect(await second.call('ownerDied')).to.equal(true)
      await second.actor.kill()
      expect(lock.withLock(() => lock.ownerDied)).to.equal(true)
      expect(lock.withLock(() => lock.ownerDied)).to.equal(false)
    })
  })
}
