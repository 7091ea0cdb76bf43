/** SIGKILL of processes that take, hold, wait for and give back permits: none is lost, none is there twice. */
import { expect } from 'chai'
import { Semaphore, type SharedObject } from '../../lib/index.js'
import { removeNames, uniqueName } from '../fixtures/unit-helpers.js'
import { Actor } from '../helpers/actor.js'
import { Crowd } from '../helpers/crowd.js'
import { VIOLATIONS } from '../helpers/crowd-words.js'
import { randomFrom, seedFor } from '../helpers/random.js'

/** Of each role, in two of the tests below. */
const KILLS = Math.ceil(Number(process.env.KILLS ?? 30) / 2)
const PARTIES = 4
/** A taker that waits as long as this waits for ever. */
const FOR_EVER = 60_000

/** Exactly so many permits are free, and no more. */
function expectPermits(semaphore: Semaphore, permits: number): void {
  for (let i = 0; i < permits; i++) expect(semaphore.acquire(FOR_EVER), `permit ${i + 1} of ${permits}`).to.equal(true)
  expect(semaphore.tryAcquire(), `more than ${permits} permits`).to.equal(false)
  semaphore.release(permits)
  expect(semaphore.value).to.equal(permits)
}

for (const named of [false, true]) {
  const title = named ? 'a named Semaphore' : 'a Semaphore'
  describe(`SIGKILL of processes that use ${title}`, () => {
    afterEach(async () => {
      await Crowd.endAll()
      removeNames()
    })
    const make = (value: number) => Semaphore(value, named ? { name: uniqueName() } : undefined)

    it(`of one permit, ${KILLS} times: never two have it, and it is never lost`, async () => {
      const random = randomFrom(seedFor(title))
      using semaphore = make(1)
      const crowd = new Crowd(semaphore as SharedObject)
      for (let i = 0; i < PARTIES; i++) crowd.start('loneTaker')
      await crowd.killAtRandom(KILLS, random, ['loneTaker'], async () => {
        expect(semaphore.acquire(FOR_EVER)).to.equal(true)
        semaphore.release()
        expect(await semaphore.acquireAsync({ timeout: FOR_EVER })).to.equal(true)
        semaphore.release()
      })
      expect(crowd.words[VIOLATIONS]).to.equal(0)
      await crowd.end()
      expectPermits(semaphore, 1)
    })

    it(`of five permits, ${KILLS} times, which it takes one by one and gives back together`, async () => {
      const random = randomFrom(seedFor(title))
      using semaphore = make(5)
      const crowd = new Crowd(semaphore as SharedObject)
      for (let i = 0; i < PARTIES; i++) crowd.start('taker')
      await crowd.killAtRandom(KILLS, random, ['taker'], () => {
        expect(semaphore.acquire(FOR_EVER)).to.equal(true)
        expect(semaphore.value).to.be.within(0, 4)
        semaphore.release()
      })
      await crowd.end()
      expectPermits(semaphore, 5)
    })

    it('while they sleep, waiting: each permit goes to one who lives', async () => {
      const random = randomFrom(seedFor(title))
      using semaphore = make(1)
      semaphore.acquire()
      let waiting = await Promise.all(
        Array.from({ length: 12 }, async (_, i) => {
          const there = await new Actor('process').openObject(semaphore.toJSON())
          const wait = there.begin('use', i % 2 === 0 ? 'acquire' : 'acquireAsync')
          await wait.begun
          if (i % 2 === 0) await there.actor.asleep()
          else await there.call('whoAmI')
          return { there, wait }
        }),
      )
      semaphore.release()
      while (waiting.length > 0) {
        const holder = await Promise.race(waiting.map((each) => each.wait.done.then(() => each)))
        expect(await holder.wait.done).to.equal(true)
        expect(semaphore.tryAcquire()).to.equal(false)
        // The holder dies, and at random some that wait with it.
        const dying = waiting.filter((each) => each === holder || random(4) === 0)
        waiting = waiting.filter((each) => !dying.includes(each))
        await Promise.all(dying.map((each) => each.there.actor.kill()))
      }
      expectPermits(semaphore, 1)
    })

    it('SIGSTOP of the holder steals nothing', async () => {
      using semaphore = make(1)
      const holder = await new Actor('process').openObject(semaphore.toJSON())
      await holder.call('use', 'acquire')
      await holder.actor.signal('SIGSTOP')
      expect(semaphore.tryAcquire()).to.equal(false)
      expect(semaphore.acquire(250)).to.equal(false) // longer than anybody takes to look after the dead
      expect(await semaphore.acquireAsync({ timeout: 50 })).to.equal(false)
      expect(semaphore.value).to.equal(0)
      const wait = semaphore.acquireAsync()
      await holder.actor.signal('SIGCONT')
      await holder.call('use', 'release')
      expect(await wait).to.equal(true)
      await holder.actor.kill()
      semaphore.release()
      expectPermits(semaphore, 1)
    })

    it('SIGSTOP of one that waits costs neither it nor others a permit', async () => {
      using semaphore = make(0)
      const stopped = await new Actor('process').openObject(semaphore.toJSON())
      const wait = stopped.begin('use', 'acquire')
      await stopped.actor.asleep()
      const ours = semaphore.acquireAsync()
      await stopped.actor.signal('SIGSTOP')
      semaphore.release(2)
      expect(await ours).to.equal(true)
      await stopped.actor.signal('SIGCONT')
      expect(await wait.done).to.equal(true)
      expect(semaphore.value).to.equal(0)
      await stopped.actor.kill()
    })
  })
}
