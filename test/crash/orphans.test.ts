/**
 * Creators and users of blocks are killed at random moments: what they leave is removed, by a sweep or with the next create, and nothing else. In a
 * /dev/shm of the test's own where that is permitted. SEED=… repeats a run's random numbers, KILLS=… says how many to kill.
 */
import { expect } from 'chai'
import { hasPython, missingPython } from '../helpers/has-python.js'
import { bestShm, runWithShm } from '../helpers/own-shm.js'
import { seedFor } from '../helpers/random.js'

const KILLS = Number(process.env.KILLS ?? 200)

describe('SIGKILL of processes that create and use blocks', () => {
  it(`${KILLS} times: what a user named stays, what is in use stays, nothing else does`, async function () {
    this.timeout(KILLS * 500) // each is a start of Node: half a minute on two idle CPUs
    const args = [`${KILLS}`, `${seedFor('orphans')}`, hasPython() ? 'python' : '-']
    const { code, signal, stdout, stderr } = await runWithShm(bestShm('size=64m'), 'orphan-campaign', args)
    expect([code, signal, stderr]).to.deep.equal([0, null, ''])
    console.log(`      ${stdout}`)
    const tally = JSON.parse(stdout) as Record<string, number>
    expect(tally.killed).to.equal(KILLS)
    if (KILLS < 100) return
    for (const what of ['itself', 'within', 'outside', 'swept', 'guests', 'named']) expect(tally[what], what).to.be.above(10)
  })

  it("CPython's processes were among those whose blocks stayed", function () {
    missingPython(this)
  })
})
