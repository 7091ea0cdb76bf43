/** What takers meet when the owner of their lock was killed: `recover` is in the contract of locks, here are `throw` and functions. */
import { expect } from 'chai'
import { Lock, OwnerDiedError, RLock } from '../../lib/index.js'
import { Actor, type RemoteLock } from '../helpers/actor.js'
import { codeRejected, codeThrown, rejected, thrown } from '../helpers/errors.js'
import { collectOwnerDied } from '../helpers/warnings.js'

for (const [title, make] of [
  ['Lock', Lock],
  ['RLock', RLock],
] as const) {
  describe(`${title}, whose owner is killed`, () => {
    let bystander: Actor
    let warnings: ReturnType<typeof collectOwnerDied>
    before(() => {
      bystander = new Actor('process')
      warnings = collectOwnerDied()
    })
    after(async () => {
      await warnings.stop()
      await bystander.kill()
    })

    /** A process takes the lock and is killed. Gives its pid. */
    async function dieWith(lock: Lock): Promise<number> {
      const there = await new Actor('process').open(lock.toJSON())
      await there.call('acquire')
      const { pid } = await there.call('whoAmI')
      await there.actor.kill()
      return pid
    }

    describe("onOwnerDied: 'throw'", () => {
      let lock: Lock
      let there: RemoteLock
      let dead: number
      beforeEach(async () => {
        lock = make({ onOwnerDied: 'throw' })
        there = await bystander.open(lock.toJSON())
        dead = await dieWith(lock)
      })
      afterEach(async () => {
        lock.close()
        await there.call('close')
      })

      it('refuses every taker, in every way, until one recovers it', async () => {
        for (const taking of [
          () => lock.acquire(),
          () => lock.acquire(5),
          () => lock.tryAcquire(),
          () => lock.withLock(() => {}),
          () => lock.hold(),
        ]) {
          const error = thrown(taking)
          expect(error).to.be.instanceOf(OwnerDiedError)
          expect(error).to.include({ code: 'ERR_OWNER_DIED', pid: dead })
          expect(error.message).to.include(String(dead))
          expect(lock.locked).to.equal(false)
          expect(lock.ownerDied).to.equal(false)
        }
        expect(await codeRejected(lock.acquireAsync())).to.equal('ERR_OWNER_DIED')
        expect(await codeRejected(lock.withLockAsync(() => {}))).to.equal('ERR_OWNER_DIED')
        expect(await codeRejected(there.call('acquire'))).to.equal('ERR_OWNER_DIED')
        expect(await codeRejected(there.call('acquireAsync'))).to.equal('ERR_OWNER_DIED')
        expect(codeThrown(() => lock.release())).to.equal('ERR_NOT_OWNER')
        lock.recover()
        expect(lock.withLock(() => lock.ownerDied)).to.equal(false)
        expect(await there.call('acquire')).to.equal(true)
        expect(await there.call('ownerDied')).to.equal(false)
        await there.call('release')
      })

      it('can be recovered by any process', async () => {
        await there.call('recover')
        expect(lock.withLock(() => lock.ownerDied)).to.equal(false)
      })

      it('recover mends under the lock, and a mending that fails changes nothing', async () => {
        const failure = new Error('can not be mended')
        const mend = () => {
          expect(lock.owner?.pid).to.equal(process.pid)
          throw failure
        }
        expect(thrown(() => lock.recover(mend))).to.equal(failure)
        expect(lock.locked).to.equal(false)
        expect(thrown(() => lock.acquire())).to.include({ code: 'ERR_OWNER_DIED', pid: dead })
        expect(await codeRejected(there.call('acquire'))).to.equal('ERR_OWNER_DIED')
        expect(codeThrown(() => lock.recover('now' as unknown as () => void))).to.equal('ERR_INVALID_ARG_TYPE')
        let mended = 0
        lock.recover(() => {
          mended++
        })
        expect(mended).to.equal(1)
        lock.withLock(() => {})
      })

      it('refuses all that wait in line', async () => {
        lock.recover()
        const holder = await new Actor('process').open(lock.toJSON())
        await holder.call('acquire')
        const waits = [lock.acquireAsync(), lock.withLockAsync(() => {}), lock.acquireAsync({ timeout: 1e6 })].map(rejected)
        const theirs = [there.begin('acquireAsync'), there.begin('acquireAsync')]
        await Promise.all(theirs.map(({ begun }) => begun))
        await holder.actor.kill()
        for (const error of await Promise.all(waits)) expect(error.code).to.equal('ERR_OWNER_DIED')
        for (const { done } of theirs) expect(await codeRejected(done)).to.equal('ERR_OWNER_DIED')
        lock.recover()
        expect(await lock.acquireAsync()).to.equal(true)
        lock.release()
      })

      it('does not forget when another process dies with it unmended', async () => {
        // One that does not know of the policy takes it, and is killed too.
        const { onOwnerDied: _, ...handle } = lock.toJSON()
        const careless = await new Actor('process').open(handle)
        expect(await careless.call('acquire')).to.equal(true)
        const { pid } = await careless.call('whoAmI')
        await careless.actor.kill()
        expect(thrown(() => lock.acquire())).to.include({ code: 'ERR_OWNER_DIED', pid })
        lock.recover()
        lock.withLock(() => {})
      })
    })

    describe('onOwnerDied: a function', () => {
      it('runs once for a death, under the lock, and mends', async () => {
        const calls: { pid: number; locked: boolean; told: boolean; same: boolean }[] = []
        const lock: Lock = make({
          onOwnerDied: (it, { pid }) => {
            calls.push({ pid, locked: it.locked, told: it.ownerDied, same: it === lock })
          },
        })
        const expected: typeof calls = []
        for (const taking of [
          () => lock.withLock(() => calls.length),
          () => lock.withLockAsync(() => calls.length),
          () => {
            using _ = lock.hold()
            return calls.length
          },
        ]) {
          expected.push({ pid: await dieWith(lock), locked: true, told: true, same: true })
          expect(await taking()).to.equal(expected.length) // it ran first
          expect(calls).to.deep.equal(expected)
          expect(lock.locked).to.equal(false)
          expect(lock.withLock(() => lock.ownerDied)).to.equal(false)
        }
        expect(calls).to.have.length(3)
        lock.close()
      })

      it('lets the lock go unmended when it throws, and the next taker runs it again', async () => {
        const failure = new Error('not yet')
        let calls = 0
        let last = 0
        const lock = make({
          onOwnerDied: (_, { pid }) => {
            last = pid
            if (++calls <= 3) throw failure
          },
        })
        const pid = await dieWith(lock)
        expect(thrown(() => lock.acquire())).to.equal(failure)
        expect(lock.locked).to.equal(false)
        expect(await rejected(lock.acquireAsync())).to.equal(failure)
        expect(await rejected(lock.withLockAsync(() => {}))).to.equal(failure)
        // Who has another policy meets it unmended, too.
        const there = await bystander.open(lock.toJSON())
        expect(lock.tryAcquire()).to.equal(true)
        expect(calls).to.equal(4)
        expect(last).to.equal(pid)
        lock.release()
        expect(await there.call('acquire')).to.equal(true)
        expect(await there.call('ownerDied')).to.equal(false)
        await there.call('release')
        await there.call('close')
        lock.close()
      })

      it('that returns a promise is refused, and has not mended', async () => {
        const lock = make({ onOwnerDied: async () => {} })
        const pid = await dieWith(lock)
        expect(codeThrown(() => lock.acquire())).to.equal('ERR_INVALID_ARG_TYPE')
        expect(lock.locked).to.equal(false)
        const there = await bystander.open(lock.toJSON())
        await there.call('acquire')
        expect(await there.call('ownerDied')).to.equal(true)
        await there.call('release')
        await there.call('close')
        expect(pid).to.be.a('number')
        lock.close()
      })
    })

    it('refuses other policies', () => {
      for (const bad of ['panic', 5, null, {}] as unknown as 'throw'[])
        expect(codeThrown(() => make({ onOwnerDied: bad }))).to.equal('ERR_INVALID_ARG_TYPE')
    })
  })
}
