/** The contract of locks that belong to their holder, within one thread: who that is, and what it may not do. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import type { Lock } from '../../lib/index.js'
import { codeThrown, thrown } from '../helpers/errors.js'
import { openLock } from '../helpers/open-lock.js'
import type { Fixture } from './lock-contract.js'

export function ownerContract({ subject, current, owned }: Fixture): void {
  const depth = subject.recursive ? 3 : 1
  const take = (lock: Lock) => {
    for (let i = 0; i < depth; i++) expect(lock.acquire()).to.equal(true)
  }
  const giveBack = (lock: Lock) => {
    for (let i = 0; i < depth; i++) lock.release()
  }

  describe('to its owner', () => {
    it('says who that is', () => {
      const lock = owned()
      const { object } = current()
      expect(lock.owner).to.equal(null)
      expect(inspect(object)).to.not.include('process')
      expect(lock.acquire()).to.equal(true)
      expect(lock.owner).to.deep.equal({ pid: process.pid, tid: process.pid }) // the main thread's id is the process's
      expect(lock.ownerDied).to.equal(false)
      expect(inspect(object)).to.include(`process ${process.pid}, thread ${process.pid}`)
      lock.release()
      expect(lock.owner).to.equal(null)
      expect(inspect(object)).to.not.include('process')
    })

    it('is not closed while it is held, and afterwards is', () => {
      const lock = owned()
      const { close } = current()
      take(lock)
      expect(codeThrown(close)).to.equal('ERR_DEADLOCK')
      expect(lock.locked).to.equal(true) // nothing changed
      giveBack(lock)
      close()
      const uses: Record<string, () => unknown> = {
        owner: () => lock.owner,
        ownerDied: () => lock.ownerDied,
        recover: () => lock.recover(),
      }
      for (const [name, use] of Object.entries(uses)) expect(codeThrown(use), name).to.equal('ERR_CLOSED')
    })

    it('refuses a release when it is not held', () => {
      const lock = owned()
      expect(codeThrown(() => lock.release())).to.equal('ERR_NOT_OWNER')
      lock.acquire()
      lock.release()
      expect(thrown(() => lock.release()).message).to.match(/not held by this thread nor by anyone/)
      expect(lock.tryAcquire()).to.equal(true)
      lock.release()
    })

    if (subject.recursive) {
      it('is taken again by its holder, and free after as many releases', () => {
        const lock = owned()
        const ways = [() => lock.acquire(), () => lock.acquire(0), () => lock.acquire(5), () => lock.tryAcquire()]
        for (const way of ways) expect(way()).to.equal(true)
        for (let level = ways.length; level > 0; level--) {
          expect(lock.locked).to.equal(true)
          lock.release()
        }
        expect(lock.locked).to.equal(false)
        expect(codeThrown(() => lock.release())).to.equal('ERR_NOT_OWNER')
      })

      it('counts withLock and hold as levels too', () => {
        const lock = owned()
        lock.withLock(() => {
          const held = lock.hold()
          expect(lock.withLock(() => lock.locked)).to.equal(true)
          held.release()
          expect(lock.locked).to.equal(true)
        })
        expect(lock.locked).to.equal(false)
      })
    } else {
      it('refuses to wait for itself', () => {
        const lock = owned()
        lock.acquire()
        for (const again of [
          () => lock.acquire(),
          () => lock.acquire(10),
          () => lock.withLock(() => {}),
          () => lock.hold(),
          () => lock.hold({ timeout: 10 }),
        ])
          expect(codeThrown(again)).to.equal('ERR_DEADLOCK')
        expect(lock.tryAcquire()).to.equal(false)
        expect(lock.acquire(0)).to.equal(false)
        lock.release() // one release: none of those counted
        expect(lock.locked).to.equal(false)
      })
    }

    it('lives on in other objects for it when one is closed', () => {
      const lock = owned()
      const { handle } = current()
      const other = openLock(handle)
      const otherLock = other.lock as Lock
      take(lock)
      expect(other.lock.locked).to.equal(true)
      expect(otherLock.owner).to.deep.equal(lock.owner)
      expect(codeThrown(() => other.close())).to.equal('ERR_DEADLOCK') // its holder is the thread, not the object
      giveBack(otherLock)
      expect(lock.locked).to.equal(false)
      other.close()
      take(lock)
      giveBack(lock)
      expect(codeThrown(() => other.lock.acquire())).to.equal('ERR_CLOSED')
    })

    it('recover leaves a lock alone that nobody died with', () => {
      const lock = owned()
      let mended = 0
      lock.recover()
      lock.recover(() => {
        mended++
        expect(lock.locked).to.equal(true)
      })
      lock.acquire()
      lock.recover(() => {
        mended++
      })
      expect(lock.locked).to.equal(true)
      lock.release()
      expect(mended).to.equal(2)
      expect(lock.locked).to.equal(false)
    })
  })
}
