/** SIGKILL of readers and writers of an RWLock: nobody hangs, and nobody sees what is half written. */
import { expect } from 'chai'
import { RWLock } from '../../lib/index.js'
import { removeNames, uniqueName } from '../fixtures/unit-helpers.js'
import { Actor } from '../helpers/actor.js'
import { Crowd } from '../helpers/crowd.js'
import { FIRST, MENDED, mend, SECOND, VIOLATIONS } from '../helpers/crowd-words.js'
import { randomFrom, seedFor } from '../helpers/random.js'

/** Of each role, in two of the tests below. */
const KILLS = Math.ceil(Number(process.env.KILLS ?? 30) / 2)
const FOR_EVER = 60_000

describe('SIGKILL of processes at an RWLock', () => {
  afterEach(async () => {
    await Crowd.endAll()
    removeNames()
  })

  for (const [title, victims] of [
    ['readers', ['reader']],
    ['writers', ['writer']],
    ['readers and writers', ['reader', 'writer']],
  ] as const) {
    it(`${title}, ${KILLS} times: those who live go on, and find all in order`, async () => {
      const random = randomFrom(seedFor(title))
      const name = uniqueName()
      let crowd: Crowd | undefined
      const lock = RWLock({ name, onOwnerDied: () => mend(theCrowd().words) })
      const theCrowd = (): Crowd => {
        crowd ??= new Crowd(name)
        return crowd
      }
      const { words } = theCrowd()
      for (const role of ['reader', 'reader', 'writer', 'writer'] as const) theCrowd().start(role)
      let written = 0
      await theCrowd().killAtRandom(KILLS, random, victims, async () => {
        expect(lock.write.acquire(FOR_EVER)).to.equal(true)
        expect(words[FIRST]).to.equal(words[SECOND])
        expect(words[FIRST]).to.be.at.least(written)
        written = words[FIRST] as number
        lock.write.release()
        expect(lock.read.acquire(FOR_EVER)).to.equal(true)
        expect(words[FIRST]).to.equal(words[SECOND])
        lock.read.release()
        for (const half of ['read', 'write'] as const)
          expect(await lock[half].withLockAsync(() => words[FIRST] === words[SECOND])).to.equal(true)
      })
      expect(words[VIOLATIONS]).to.equal(0)
      if (title === 'readers') expect(words[MENDED], 'only writers leave something to mend').to.equal(0)
      await crowd?.end()
      expect(lock.write.acquire(FOR_EVER)).to.equal(true)
      expect(lock.read.locked).to.equal(false)
      lock.write.release()
      expect([lock.read.tryAcquire(), lock.write.locked]).to.deep.equal([true, false])
      lock.read.release()
      lock.close()
    })
  }

  it('SIGSTOP of a reader keeps writers out, and of a writer everybody', async () => {
    using lock = RWLock()
    const stopped = await new Actor('process').openObject(lock.toJSON())
    await stopped.call('use', 'read.acquire')
    await stopped.actor.signal('SIGSTOP')
    expect(lock.write.acquire(250)).to.equal(false) // longer than anybody takes to look after the dead
    expect(await lock.write.acquireAsync({ timeout: 50 })).to.equal(false)
    expect(lock.read.tryAcquire()).to.equal(true)
    lock.read.release()
    const writing = lock.write.acquireAsync()
    await stopped.actor.signal('SIGCONT')
    await stopped.call('use', 'read.release')
    expect(await writing).to.equal(true)
    lock.write.release()

    await stopped.call('use', 'write.acquire')
    await stopped.actor.signal('SIGSTOP')
    expect(lock.read.acquire(250)).to.equal(false)
    expect(lock.write.acquire(50)).to.equal(false)
    const reading = lock.read.acquireAsync()
    await stopped.actor.signal('SIGCONT')
    await stopped.call('use', 'write.release')
    expect(await reading).to.equal(true)
    lock.read.release()
    await stopped.actor.kill()
  })

  it('SIGSTOP of a writer that waits: it has its turn when it goes on', async () => {
    using lock = RWLock()
    const stopped = await new Actor('process').openObject(lock.toJSON())
    lock.read.acquire()
    const writing = stopped.begin('use', 'write.acquire')
    await stopped.actor.asleep()
    await stopped.actor.signal('SIGSTOP')
    lock.read.release()
    expect(lock.read.tryAcquire()).to.equal(false) // it lives, and it was first
    const reading = lock.read.acquireAsync()
    await stopped.actor.signal('SIGCONT')
    expect(await writing.done).to.equal(true)
    await stopped.call('use', 'write.release')
    expect(await reading).to.equal(true)
    lock.read.release()
    await stopped.actor.kill()
  })
})
