/** SIGKILL of parties at a Barrier: it breaks for all that are left, and never for some only. */
import { expect } from 'chai'
import { Barrier } from '../../lib/index.js'
import { removeNames, uniqueName } from '../fixtures/unit-helpers.js'
import { Actor } from '../helpers/actor.js'
import { Crowd, type Member } from '../helpers/crowd.js'
import { ACTING, BROKEN } from '../helpers/crowd-words.js'
import { until } from '../helpers/deferred.js'
import { codeRejected, codeThrown } from '../helpers/errors.js'
import { randomFrom, seedFor } from '../helpers/random.js'

/** In each of two tests. */
const KILLS = Math.ceil(Number(process.env.KILLS ?? 30) / 2)
const CODE = 'ERR_BROKEN_BARRIER'

describe('SIGKILL of parties at a Barrier', () => {
  afterEach(async () => {
    await Crowd.endAll()
    removeNames()
  })

  /** A new start for those that have found it broken. */
  function restart(crowd: Crowd, barrier: Barrier): void {
    for (const member of crowd.members) {
      Atomics.store(crowd.progress, member.slot, 0)
      Atomics.store(crowd.states, member.slot, 0)
    }
    barrier.reset() // for which they wait
  }

  it(`that wait, ${KILLS} times: all others are told, and after a reset it works`, async () => {
    const random = randomFrom(seedFor('barrier'))
    using barrier = Barrier(4)
    const crowd = new Crowd(barrier)
    for (let i = 0; i < 3; i++) crowd.start('barrierParty')
    for (let killed = 0; killed < KILLS; killed++) {
      await until(() => barrier.nWaiting === 3)
      const ours = killed % 5 === 0 ? await trip(barrier, crowd.members) : undefined
      expect(ours).to.be.oneOf([undefined, 3])
      await crowd.kill(crowd.members[random(3)] as Member)
      for (const member of crowd.members) await member.reach(() => member.state === BROKEN)
      expect(barrier.broken).to.equal(true)
      expect(codeThrown(() => barrier.wait())).to.equal(CODE)
      expect(await codeRejected(barrier.waitAsync())).to.equal(CODE)
      crowd.start('barrierParty')
      restart(crowd, barrier)
    }
    await until(() => barrier.nWaiting === 3)
    expect(await trip(barrier, crowd.members)).to.equal(3)
    await crowd.end()
    expect(
      codeThrown(() => barrier.wait()),
      'they have died waiting',
    ).to.equal(CODE)
    expect(barrier.broken).to.equal(true)
  })

  /** Comes last; comes back when the others wait for the next round. */
  async function trip(barrier: Barrier, members: readonly Member[]): Promise<number> {
    const before = members.map(({ progress }) => progress)
    const index = barrier.wait()
    for (const [i, member] of members.entries()) await member.reach(() => member.progress === (before[i] as number) + 1)
    await until(() => barrier.nWaiting === 3)
    return index
  }

  it(`at any moment, ${KILLS} times: a round is over for all that live, or for none`, async () => {
    const random = randomFrom(seedFor('barrier, any moment'))
    using barrier = Barrier(3)
    const crowd = new Crowd(barrier)
    for (let i = 0; i < 3; i++) crowd.start('barrierParty')
    await crowd.killAtRandom(KILLS, random, ['barrierParty'], async () => {
      // Without this they might wait for ever: who dies between two rounds is missed by nobody.
      barrier.abort()
      const [a, b, late] = crowd.members as [Member, Member, Member]
      for (const member of [a, b]) await member.reach(() => member.state === BROKEN)
      expect(a.progress).to.equal(b.progress)
      await late.reach(() => late.state === BROKEN)
      restart(crowd, barrier)
    })
    await crowd.end()
    barrier.reset()
    const all = [barrier.waitAsync(), barrier.waitAsync(), barrier.waitAsync()]
    expect((await Promise.all(all)).sort()).to.deep.equal([0, 1, 2])
  })

  it('of the last, in the midst of its action: the others are told', async () => {
    const name = uniqueName()
    using barrier = Barrier(3, { name })
    const crowd = new Crowd(name)
    const there = await new Actor('process').openObject(barrier.toJSON())
    for (let killed = 0; killed < 10; killed++) {
      const actor = crowd.start('barrierActor')
      const theirs = there.begin('use', killed % 3 === 0 ? 'waitAsync' : 'wait')
      const ours = codeRejected(barrier.waitAsync())
      await actor.reach(() => actor.state === ACTING)
      await crowd.kill(actor)
      expect(await ours).to.equal(CODE)
      expect(await codeRejected(theirs.done)).to.equal(CODE)
      expect(barrier.broken).to.equal(true)
      barrier.reset()
    }
    await there.actor.kill()
    await crowd.end()
  })

  it('SIGSTOP of a party breaks nothing: the others go on, and so does it', async () => {
    using barrier = Barrier(3)
    const stopped = await new Actor('process').openObject(barrier.toJSON())
    const wait = stopped.begin('use', 'wait')
    await stopped.actor.asleep()
    await stopped.actor.signal('SIGSTOP')
    const ours = barrier.waitAsync()
    expect(barrier.broken).to.equal(false)
    const indexes = [barrier.wait(), await ours]
    await stopped.actor.signal('SIGCONT')
    expect([...indexes, await wait.done].sort()).to.deep.equal([0, 1, 2])
    expect(barrier.broken).to.equal(false)
    await stopped.actor.kill()
  })
})
