/**
 * Hundreds of processes are killed at random moments while they increment under a lock. The next taker always gets it and is told, and no
 * committed increment is lost. SEED=… repeats a run's random numbers, KILLS=… says how many to kill.
 */
import { expect } from 'chai'
import { Lock, OwnerDiedError, RLock, Value } from '../../lib/index.js'
import { until } from '../helpers/deferred.js'
import { codeThrown } from '../helpers/errors.js'
import { Ledger } from '../helpers/ledger.js'
import { checkLedger } from '../helpers/ledger-check.js'
import { freshName } from '../helpers/paths.js'
import { randomFrom, seedFor } from '../helpers/random.js'
import { Killing } from '../helpers/victims.js'
import { collectOwnerDied } from '../helpers/warnings.js'

const KILLS = Number(process.env.KILLS ?? 200)
/** For each of the other kinds of lock and policies. */
const FEWER = Math.ceil(KILLS / 20)
/** How many victims live at a time: some starting, some at work. */
const LANES = 4
/** A taker that waits as long as this waits for ever. */
const FOR_EVER = 60_000

describe('SIGKILL of processes that increment under a lock', () => {
  let warnings: ReturnType<typeof collectOwnerDied>
  before(() => {
    warnings = collectOwnerDied()
  })
  after(() => warnings.stop())

  /** Kills victims in several lanes; `verify` is called after each death, while the others go on. */
  async function killMany(killing: Killing, kills: number, verify: (dead: number) => void | Promise<void>): Promise<void> {
    let left = kills
    const lane = async () => {
      while (left-- > 0) {
        const victim = killing.start()
        await until(() => victim.working)
        await killing.randomMoment(200)
        await victim.kill()
        await verify(victim.slot)
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  }

  function report(ledger: Ledger, kills: number): void {
    const { told, torn } = ledger.tally
    console.log(`      ${kills} killed, ${ledger.counter} increments; ${told} died holding the lock, ${torn} of them within an increment`)
  }

  for (const [title, kills, make] of [
    ['a Lock', KILLS, () => Lock()],
    ['an RLock', FEWER, () => RLock()],
    ["a Value's lock", FEWER, () => Value('c_int', 0).getLock()],
  ] as const) {
    it(`${kills} times, ${title}: it is mended by whoever takes it next`, async () => {
      const random = randomFrom(seedFor(title))
      const lock = make()
      const ledger = Ledger.create(kills)
      let counted = 0
      await killMany(new Killing('recover', lock, ledger, random), kills, (dead) => {
        expect(lock.acquire(FOR_EVER), 'the next taker gets it').to.equal(true)
        ledger.look(lock)
        checkLedger(ledger, dead)
        expect(ledger.counter).to.be.at.least(counted)
        counted = ledger.counter
        lock.release()
      })
      report(ledger, kills)
      if (kills >= 100) expect(ledger.tally.torn).to.be.greaterThan(0)
      expect(lock.locked).to.equal(false)
      ledger.close()
      lock.close()
    })
  }

  it('is mended by the function that the lock was made with', async () => {
    const kills = FEWER
    const random = randomFrom(seedFor('function'))
    const ledger = Ledger.create(kills)
    const lock = Lock({ name: freshName('kills'), onOwnerDied: (_, { pid }) => ledger.mend(pid) })
    await killMany(new Killing('function', lock, ledger, random), kills, (dead) => {
      expect(lock.acquire(FOR_EVER)).to.equal(true)
      ledger.lookForUntold()
      checkLedger(ledger, dead)
      lock.release()
    })
    report(ledger, kills)
    ledger.close()
    lock.unlink()
    lock.close()
  })

  it('refuses everybody until one recovers it, where the lock says so', async () => {
    const kills = FEWER
    const random = randomFrom(seedFor('throw'))
    const ledger = Ledger.create(kills)
    const lock = Lock({ onOwnerDied: 'throw' })
    let recovered = 0
    await killMany(new Killing('throw', lock, ledger, random), kills, (dead) => {
      try {
        lock.acquire(FOR_EVER)
        checkLedger(ledger, dead)
        lock.release()
      } catch (error) {
        expect(error).to.be.instanceOf(OwnerDiedError)
        expect(codeThrown(() => lock.acquire(FOR_EVER))).to.equal('ERR_OWNER_DIED')
        lock.recover(() => {
          ledger.mend((error as OwnerDiedError).pid)
          checkLedger(ledger, dead)
        })
        recovered++
      }
    })
    report(ledger, kills)
    expect(recovered).to.equal(ledger.tally.told)
    ledger.close()
    lock.close()
  })
})
