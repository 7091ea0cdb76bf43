/** SIGKILL of processes that wait for an Event and of those that set it: nobody hangs. */
import { expect } from 'chai'
import { Event } from '../../lib/index.js'
import { Actor } from '../helpers/actor.js'
import { Crowd } from '../helpers/crowd.js'
import { randomFrom, seedFor } from '../helpers/random.js'

const KILLS = Number(process.env.KILLS ?? 30)
const FOR_EVER = 60_000

describe('SIGKILL of processes at an Event', () => {
  afterEach(() => Crowd.endAll())

  it(`that wait, ${KILLS} times, asleep or not: all others are woken`, async () => {
    const random = randomFrom(seedFor('event'))
    using event = Event()
    const crowd = new Crowd(event)
    for (let i = 0; i < 4; i++) crowd.start('eventWaiter')
    for (let killed = 0; killed < KILLS; killed++) {
      const victim = crowd.members[random(4)] as (typeof crowd.members)[0]
      if (victim.slot % 2 === 0 && random(2) === 0) await victim.asleep()
      const dead = crowd.kill(victim, true)
      if (random(2) === 0) await dead
      // Those that live go on within a few pulses: they may not have been waiting for the first.
      for (const member of crowd.members) {
        const { progress } = member
        await member.reach(() => {
          event.set()
          event.clear()
          return member.progress > progress
        })
      }
      await dead
    }
    await crowd.end()
    expect(event.wait(0)).to.equal(false)
  })

  it('that sleep: one set and clear wakes all that live', async () => {
    using event = Event()
    for (let round = 0; round < 3; round++) {
      const parties = await Promise.all(Array.from({ length: 5 }, () => new Actor('process').openObject(event.toJSON())))
      const waits = parties.map((there) => there.begin('use', 'wait'))
      await Promise.all(parties.map((there) => there.actor.asleep()))
      const dying = parties.filter((_, i) => i <= round)
      await Promise.all(dying.map((there) => there.actor.kill()))
      event.set()
      event.clear()
      for (const [i, there] of parties.entries()) {
        if (dying.includes(there)) continue
        expect(await waits[i]?.done).to.equal(true)
        await there.actor.kill()
      }
    }
  })

  it(`that set and clear it, ${KILLS} times: it goes on working`, async () => {
    const random = randomFrom(seedFor('event setters'))
    using event = Event()
    const crowd = new Crowd(event)
    for (const role of ['eventSetter', 'eventSetter', 'eventWaiter', 'eventWaiter'] as const) crowd.start(role)
    await crowd.killAtRandom(KILLS, random, ['eventSetter'], async () => {
      expect(event.wait(FOR_EVER)).to.equal(true)
      expect(await event.waitAsync({ timeout: FOR_EVER })).to.equal(true)
    })
    for (const waiter of crowd.members.filter(({ role }) => role === 'eventWaiter')) await waiter.goesOn()
    await crowd.end()
    event.clear()
    expect(event.isSet).to.equal(false)
    const wait = event.waitAsync()
    expect(event.wait(0)).to.equal(false)
    event.set()
    expect(await wait).to.equal(true)
  })

  it('SIGSTOP of one that waits: it was woken, though the event is clear again when it looks', async () => {
    using event = Event()
    const stopped = await new Actor('process').openObject(event.toJSON())
    const wait = stopped.begin('use', 'wait')
    await stopped.actor.asleep()
    await stopped.actor.signal('SIGSTOP')
    const ours = event.waitAsync()
    event.set()
    event.clear()
    expect(await ours).to.equal(true)
    await stopped.actor.signal('SIGCONT')
    expect(await wait.done).to.equal(true)
    await stopped.actor.kill()
  })
})
