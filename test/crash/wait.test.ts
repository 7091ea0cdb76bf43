/** SIGKILL of processes that wait on a Value and of those that notify: nobody hangs, and a wake-up is never given to the dead. */
import { expect } from 'chai'
import { RawValue } from '../../lib/index.js'
import { Actor } from '../helpers/actor.js'
import { isAsleep } from '../helpers/asleep.js'
import { Crowd, type Member } from '../helpers/crowd.js'
import { WAITING } from '../helpers/crowd-words.js'
import { untilBusily } from '../helpers/deferred.js'
import { randomFrom, seedFor } from '../helpers/random.js'

const KILLS = Number(process.env.KILLS ?? 30)
const PARTIES = 5

describe('SIGKILL of processes that wait on a Value', () => {
  afterEach(() => Crowd.endAll())

  /** Whether it is in line, which only a wake-up can change. */
  const waits = (member: Member) => (member.slot % 2 === 0 ? isAsleep(member.pid) : member.state === WAITING)

  it(`${KILLS} times: notify counts and wakes those who live, exactly`, async () => {
    const random = randomFrom(seedFor('wait'))
    using value = RawValue('c_int32', 0)
    const crowd = new Crowd(value)
    const { members } = crowd
    for (let i = 0; i < PARTIES; i++) crowd.start('valueWaiter')
    for (let killed = 0; killed < KILLS; ) {
      for (const member of members) await member.reach(() => waits(member))
      const dying = members.filter(() => random(3) === 0).slice(0, PARTIES - 1)
      killed += dying.length
      await Promise.all(dying.map((member) => crowd.kill(member)))
      const living = [...members]
      const sum = () => living.reduce((total, { progress }) => total + progress, 0)
      const before = sum()
      const count = 1 + random(PARTIES + 1)
      const woken = Math.min(count, living.length)
      expect(value.notify(count), `of ${living.length} living, ${dying.length} dead`).to.equal(woken)
      await untilBusily(() => sum() >= before + woken)
      for (const member of living) await member.reach(() => waits(member))
      expect(sum()).to.equal(before + woken)
      for (const _ of dying) crowd.start('valueWaiter')
    }
    for (const member of members) await member.reach(() => waits(member))
    expect(value.notify()).to.equal(PARTIES)
    await crowd.end()
    expect(value.notify()).to.equal(0)
  })

  it(`or notify, at any moment, ${KILLS} times: those who live go on`, async () => {
    const random = randomFrom(seedFor('wait, any moment'))
    using value = RawValue('c_int32', 0)
    const crowd = new Crowd(value)
    for (const role of ['valueWaiter', 'valueWaiter', 'valueWaiter', 'valueNotifier', 'valueNotifier'] as const) crowd.start(role)
    await crowd.killAtRandom(KILLS, random, ['valueWaiter', 'valueNotifier'], async () => {
      expect(await value.waitAsync(0)).to.equal('ok')
      const [one] = crowd.members as [Member]
      await one.reach(() => one.progress > 0)
      await one.goesOn()
    })
    await crowd.end()
    const wait = value.waitAsync(0)
    value.notify()
    expect(await wait).to.equal('ok')
  })

  it('of one that was woken and has not looked: nobody who comes later is woken by that', async () => {
    using value = RawValue('c_int32', 0)
    const victim = await new Actor('process').openObject(value.toJSON())
    victim.begin('use', 'wait', 0)
    await victim.actor.asleep()
    await victim.actor.signal('SIGSTOP')
    expect(value.notify(1)).to.equal(1)
    await victim.actor.kill()
    expect(value.wait(0, 0)).to.equal('timed-out')
    const wait = value.waitAsync(0)
    expect(value.notify(1)).to.equal(1)
    expect(await wait).to.equal('ok')
  })

  it('SIGSTOP of one that waits: it is woken as any other', async () => {
    using value = RawValue('c_int32', 0)
    const stopped = await new Actor('process').openObject(value.toJSON())
    const wait = stopped.begin('use', 'wait', 0)
    await stopped.actor.asleep()
    await stopped.actor.signal('SIGSTOP')
    const ours = value.waitAsync(0)
    expect(value.notify(1)).to.equal(1)
    expect(value.notify(5)).to.equal(1)
    expect(await ours).to.equal('ok')
    await stopped.actor.signal('SIGCONT')
    expect(await wait.done).to.equal('ok')
    await stopped.actor.kill()
  })
})
