/** The contract of locks between processes, and between worker threads: we and parties that do what they are told. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { RawValue } from '../../lib/index.js'
import type { Mode } from '../fixtures/lock-operations.js'
import { Actor, type Kind, type RemoteLock } from '../helpers/actor.js'
import { codeRejected, codeThrown, thrown } from '../helpers/errors.js'
import { openLock } from '../helpers/open-lock.js'
import type { Fixture } from './lock-contract.js'
import { deathContract } from './lock-contract-deaths.js'

export function othersContract(fixture: Fixture, kind: Kind): void {
  const { current, owned, subject } = fixture

  describe(kind === 'process' ? 'across processes' : 'across worker threads', () => {
    let actors: Actor[]
    let there: RemoteLock
    let elsewhere: RemoteLock
    before(() => {
      actors = [new Actor(kind), new Actor(kind)]
    })
    after(() => Promise.all(actors.map((actor) => actor.kill())))
    beforeEach(async () => {
      const [a, b] = await Promise.all(actors.map((actor) => actor.open(current().handle)))
      there = a as RemoteLock
      elsewhere = b as RemoteLock
    })
    afterEach(function () {
      // After a failed test a party may still hold its lock, and can't close it.
      if (this.currentTest?.state === 'failed') return undefined
      return Promise.all([there.call('close'), elsewhere.call('close')])
    })

    it('keeps us out while they hold it', async () => {
      const { lock } = current()
      expect(await there.call('acquire')).to.equal(true)
      expect(lock.locked).to.equal(true)
      expect(lock.tryAcquire()).to.equal(false)
      expect(lock.acquire(0)).to.equal(false)
      expect(lock.acquire(5)).to.equal(false)
      expect(await lock.acquireAsync({ timeout: 0 })).to.equal(false)
      expect(await lock.acquireAsync({ timeout: 5 })).to.equal(false)
      for (const late of [() => lock.withLock(() => {}, { timeout: 5 }), () => lock.hold({ timeout: 5 })])
        expect(codeThrown(late)).to.equal('ERR_TIMEOUT')
      expect(await codeRejected(lock.withLockAsync(() => {}, { timeout: 5 }))).to.equal('ERR_TIMEOUT')
      expect(await elsewhere.call('tryAcquire')).to.equal(false)
      expect(await elsewhere.call('acquire', 5)).to.equal(false)
      expect(await elsewhere.call('acquireAsync', 5)).to.equal(false)
      expect(lock.locked).to.equal(true)
      await there.call('release')
      expect(lock.locked).to.equal(false)
    })

    if (subject.owned) {
      it('says who holds it, and lets nobody else release it', async () => {
        const lock = owned()
        await there.call('acquire')
        const owner = await there.call('owner')
        expect(owner?.pid).to.equal((await there.call('whoAmI')).pid)
        if (kind === 'worker') expect(owner?.tid).not.to.equal(process.pid)
        expect(lock.owner).to.deep.equal(owner)
        expect(lock.ownerDied).to.equal(false)
        expect(inspect(current().object)).to.include(`process ${owner?.pid}, thread ${owner?.tid}`)
        const refusal = thrown(() => lock.release())
        expect(refusal.code).to.equal('ERR_NOT_OWNER')
        expect(refusal.message).to.include(`process ${owner?.pid}`)
        expect(await codeRejected(elsewhere.call('release'))).to.equal('ERR_NOT_OWNER')
        expect(lock.owner).to.deep.equal(owner)
        await there.call('release')
        expect(lock.locked).to.equal(false)
      })

      it('is not closed by them while they hold it', async () => {
        await there.call('acquire')
        expect(await codeRejected(there.call('close'))).to.equal('ERR_DEADLOCK')
        await there.call('release')
      })
    }

    if (subject.recursive) {
      it('stays theirs until the last of their levels', async () => {
        const { lock } = current()
        for (let level = 0; level < 3; level++) await there.call('acquire')
        for (let level = 0; level < 3; level++) {
          expect(lock.tryAcquire()).to.equal(false)
          await there.call('release')
        }
        expect(lock.tryAcquire()).to.equal(true)
        lock.release()
      })
    }

    it('a blocking acquire of ours ends with their release', async () => {
      const { lock } = current()
      await there.call('acquire')
      const released = there.begin('release')
      expect(lock.acquire()).to.equal(true) // this thread stands still until then
      lock.release()
      await released.done
      await there.call('acquire')
      const again = there.begin('release')
      expect(lock.acquire(60_000)).to.equal(true)
      lock.release()
      await again.done
    })

    it('a blocking acquire of theirs ends with our release', async () => {
      const { lock } = current()
      lock.acquire()
      const waits = [there.begin('acquire'), elsewhere.begin('acquire', 60_000)]
      await Promise.all(waits.map(({ begun }) => begun))
      lock.release()
      const first = await Promise.race(waits.map(({ done }, i) => done.then(() => i)))
      const [winner, loser] = first === 0 ? [there, elsewhere] : [elsewhere, there]
      await winner.call('release')
      expect(await waits[1 - first]?.done).to.equal(true)
      await loser.call('release')
      expect(lock.locked).to.equal(false)
    })

    it('asynchronous waits of ours end with their release, in order', async () => {
      const { lock } = current()
      await there.call('holdInFlow')
      const log: string[] = []
      const waits = ['first', 'second', 'third'].map((name) => lock.withLockAsync(() => log.push(name)))
      const late = lock.acquireAsync({ timeout: 5 })
      const controller = new AbortController()
      const aborted = codeRejected(lock.acquireAsync({ signal: controller.signal }))
      controller.abort(Object.assign(new Error('mine'), { code: 'MINE' }))
      expect(await late).to.equal(false)
      expect(await aborted).to.equal('MINE')
      expect(log).to.deep.equal([])
      await there.call('endFlow')
      await Promise.all(waits)
      expect(log).to.deep.equal(['first', 'second', 'third'])
      expect(lock.locked).to.equal(false)
    })

    it('asynchronous waits of theirs end with our release, synchronous or not', async () => {
      const { lock } = current()
      lock.acquire()
      const first = there.begin('acquireAsync')
      await first.begun
      lock.release()
      expect(await first.done).to.equal(true)
      await there.call('release')
      const second = await lock.withLockAsync(async () => {
        const wait = there.begin('acquireAsync')
        await wait.begun
        expect(await there.call('acquireAsync', 5)).to.equal(false)
        return wait
      })
      expect(await second.done).to.equal(true)
      await there.call('release')
      expect(lock.locked).to.equal(false)
    })

    it('closing rejects the waits of that object, and of no other', async () => {
      const { handle, lock } = current()
      const other = openLock(handle)
      await there.call('acquire')
      const closed = [
        codeRejected(lock.acquireAsync()),
        codeRejected(lock.withLockAsync(() => {})),
        codeRejected(lock.acquireAsync({ timeout: 1e9 })),
      ]
      const kept = other.lock.acquireAsync()
      current().close()
      expect(await Promise.all(closed)).to.deep.equal(['ERR_CLOSED', 'ERR_CLOSED', 'ERR_CLOSED'])
      await there.call('release')
      expect(await kept).to.equal(true)
      other.lock.release()
      other.close()
      expect(await elsewhere.call('acquire')).to.equal(true)
      await elsewhere.call('release')
    })

    const programs: Record<string, readonly Mode[]> = {
      synchronous: ['sync', 'withLock'],
      asynchronous: ['async', 'acquireAsync'],
      mixed: ['sync', 'async', 'withLock', 'acquireAsync'],
    }
    for (const [name, modes] of Object.entries(programs)) {
      it(`counts exactly, ${name}`, async () => {
        const { lock } = current()
        const counter = RawValue('c_int')
        const handle = counter.toJSON()
        const times = 200
        const theirs = [there, elsewhere].map((each) => each.call('increments', handle, times, modes))
        for (let i = 0; i < times; i++) {
          await lock.withLockAsync(async () => {
            const old = counter.value
            await undefined
            counter.value = old + 1
          })
        }
        await Promise.all(theirs)
        expect(counter.value).to.equal(3 * times)
        expect(lock.locked).to.equal(false)
        counter.close()
      })
    }

    deathContract(fixture, kind, () => elsewhere)
  })
}
