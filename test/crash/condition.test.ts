/** SIGKILL of processes that wait on a Condition and of those that notify: nobody hangs, and a wake-up is never given to the dead. */
import { expect } from 'chai'
import { Condition } from '../../lib/index.js'
import { Actor } from '../helpers/actor.js'
import { Crowd, type Member } from '../helpers/crowd.js'
import { ITEMS, OFFER, WAITING } from '../helpers/crowd-words.js'
import { until } from '../helpers/deferred.js'
import { randomFrom, seedFor } from '../helpers/random.js'
import { collectOwnerDied } from '../helpers/warnings.js'

const KILLS = Number(process.env.KILLS ?? 30)
const FOR_EVER = 60_000

describe('SIGKILL of processes at a Condition', () => {
  let warnings: ReturnType<typeof collectOwnerDied>
  before(() => {
    warnings = collectOwnerDied()
  })
  after(() => warnings.stop())
  afterEach(() => Crowd.endAll())

  /** Under the lock, which whoever died last may have had. */
  function locked<T>(condition: Condition, call: () => T): T {
    expect(condition.acquire(FOR_EVER)).to.equal(true)
    try {
      return call()
    } finally {
      condition.release()
    }
  }

  it(`that wait, ${KILLS} times: notify counts and wakes those who live, exactly`, async () => {
    const random = randomFrom(seedFor('condition'))
    using condition = Condition()
    const crowd = new Crowd(condition)
    const { words, members } = crowd
    for (let i = 0; i < 5; i++) crowd.start('consumer')
    const allWait = () => locked(condition, () => words[ITEMS] === 0 && members.every((member) => member.state === WAITING))
    for (let killed = 0; killed < KILLS; ) {
      await until(allWait)
      const dying = members.filter(() => random(3) === 0).slice(0, 4)
      killed += dying.length
      await Promise.all(dying.map((member) => crowd.kill(member)))
      const living = members.length
      const count = 1 + random(6)
      locked(condition, () => {
        Atomics.add(words, OFFER, 1)
        Atomics.add(words, ITEMS, Math.min(count, living))
        expect(condition.notify(count), `of ${living} living, ${dying.length} dead`).to.equal(Math.min(count, living))
      })
      await until(() => Atomics.load(words, ITEMS) === 0) // each that was woken took one
      for (const _ of dying) crowd.start('consumer')
    }
    await until(allWait)
    expect(locked(condition, () => condition.notifyAll())).to.equal(members.length)
    await crowd.end()
    expect(locked(condition, () => condition.notifyAll())).to.equal(0)
  })

  it(`at any moment, ${KILLS} times: those who live go on`, async () => {
    const random = randomFrom(seedFor('condition, any moment'))
    using condition = Condition()
    const crowd = new Crowd(condition)
    for (const role of ['consumer', 'consumer', 'consumer', 'producer', 'producer'] as const) crowd.start(role)
    await crowd.killAtRandom(KILLS, random, ['consumer', 'producer'], async () => {
      locked(condition, () => {})
      const [one] = crowd.members as [Member]
      await one.reach(() => one.progress > 0)
      await one.goesOn()
    })
    await crowd.end()
    // Whatever they left behind, the condition is as good as new.
    expect(locked(condition, () => condition.notifyAll())).to.equal(0)
    const wait = condition.withLockAsync(() => condition.waitAsync())
    await until(() => !condition.locked)
    locked(condition, () => condition.notifyAll())
    expect(await wait).to.equal(true)
    expect(condition.locked).to.equal(false)
  })

  it('of one that was notified and has not looked: nobody who comes later is woken by that', async () => {
    using condition = Condition()
    const victim = await new Actor('process').openWaitable(condition.toJSON())
    victim.begin('wait')
    await victim.actor.asleep()
    await victim.actor.signal('SIGSTOP')
    expect(locked(condition, () => condition.notify())).to.equal(1)
    await victim.actor.kill()
    const wait = condition.withLockAsync(() => condition.waitAsync())
    await until(() => !condition.locked)
    expect(locked(condition, () => condition.notify())).to.equal(1)
    expect(await wait).to.equal(true)
  })

  it('SIGSTOP of one that waits: it is notified as any other, and has waited for its lock', async () => {
    using condition = Condition()
    const stopped = await new Actor('process').openWaitable(condition.toJSON())
    const wait = stopped.begin('wait')
    await stopped.actor.asleep()
    await stopped.actor.signal('SIGSTOP')
    expect(locked(condition, () => condition.notify(5))).to.equal(1)
    expect(locked(condition, () => condition.notify(5))).to.equal(0)
    expect(condition.tryAcquire()).to.equal(true)
    await stopped.actor.signal('SIGCONT')
    condition.release()
    expect(await wait.done).to.equal(true)
    await stopped.actor.kill()
  })

  it('SIGSTOP of one that holds the lock: nobody steals it', async () => {
    using condition = Condition()
    const stopped = await new Actor('process').openObject(condition.toJSON())
    await stopped.call('use', 'acquire')
    await stopped.actor.signal('SIGSTOP')
    expect(condition.acquire(250)).to.equal(false)
    const next = condition.withLockAsync(() => condition.notify())
    await stopped.actor.signal('SIGCONT')
    await stopped.call('use', 'release')
    expect(await next).to.equal(0)
    await stopped.actor.kill()
  })
})
