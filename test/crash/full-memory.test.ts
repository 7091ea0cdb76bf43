/**
 * A full /dev/shm is an error, there and then, and never a SIGBUS later. In a small tmpfs of the test's own. SEED=… repeats a run's random numbers.
 */
import { expect } from 'chai'
import { runWithShm, skipUnlessPermitted } from '../helpers/own-shm.js'
import { seedFor } from '../helpers/random.js'

describe('a full /dev/shm', () => {
  before(function () {
    skipUnlessPermitted(this)
  })

  /** Runs a fixture, which must end well, and gives what it counted. */
  async function tallyOf<T>(options: string, fixture: string, ...args: number[]): Promise<T> {
    const { code, signal, stdout, stderr } = await runWithShm(options, fixture, args.map(String))
    expect([code, signal, stderr]).to.deep.equal([0, null, ''])
    return JSON.parse(stdout) as T
  }

  const campaigns: [string, string, runs: number, processes: number][] = [
    ['without pages for it', 'size=1m', 250, 1],
    ['without inodes for it', 'size=4m,nr_inodes=12', 120, 1],
    ['with three processes that fill it', 'size=1m', 80, 3],
  ]
  for (const [what, options, runs, processes] of campaigns) {
    it(`every create ${what} is ENOSPC and leaves nothing, or succeeds and can be used`, async () => {
      const { made, refused } = await tallyOf<{ made: number; refused: number }>(options, 'full-memory', seedFor(what), runs, processes)
      console.log(`      ${made} made, ${refused} refused`)
      expect(made).to.be.above(runs)
      expect(refused).to.be.above(runs)
    })
  }

  it('attaching to what has fewer pages than bytes reserves the rest, or is ENOSPC and changes nothing', async () => {
    type Tally = { attached: number; refused: number; python: boolean }
    const { attached, refused, python } = await tallyOf<Tally>('size=256k', 'full-sparse', seedFor('sparse'), 1500)
    console.log(`      ${attached} attached, ${refused} refused, ${python ? 'and' : 'without'} CPython's`)
    expect(attached).to.be.above(100)
    expect(refused).to.be.above(100)
  })
})
