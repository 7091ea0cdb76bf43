/**
 * Eight processes create, attach and unlink the same names at the same moments: one creator wins, and who attaches finds nothing or the whole block. Barriers
 * of this library see to it that they do it at the same moments.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { Barrier, RawArray } from '../../lib/index.js'
import { BYTES, ITEMS, type RaceOrders, type RaceTally } from '../fixtures/create-race-orders.js'
import { answer, end, root, start } from '../fixtures/unit-helpers.js'
import { missingPython } from '../helpers/has-python.js'
import { freshName } from '../helpers/paths.js'

const PARTIES = 8

describe('create raced by attach, from 8 processes', () => {
  let parties: ChildProcess[] = []
  afterEach(async () => {
    await Promise.all(parties.map((party) => end(party)))
    parties = []
  })

  /** Runs a race to its end; gives what all counted together, and for each round how many won. */
  async function race(kind: RaceOrders['race'], name: string, rounds: number): Promise<{ tally: RaceTally; winners: number[] }> {
    parties = Array.from({ length: PARTIES }, () => start('create-race-party'))
    using barrier = Barrier(PARTIES)
    using words = RawArray('c_int32', rounds)
    const told = parties.map((party) => answer<RaceTally>(party))
    const ended = parties.map((party) => once(party, 'exit'))
    for (const [party, child] of parties.entries()) {
      const orders: RaceOrders = { race: kind, name, rounds, party, parties: PARTIES, barrier: barrier.toJSON(), words: words.toJSON() }
      child.send(orders)
    }
    const tally: RaceTally = { made: 0, exists: 0, whole: 0, missing: 0 }
    for (const each of await Promise.all(told))
      for (const what of ['made', 'exists', 'whole', 'missing'] as const) tally[what] += each[what]
    for (const [code, signal] of await Promise.all(ended)) expect([code, signal]).to.deep.equal([0, null])
    console.log(`      ${rounds} rounds: ${JSON.stringify(tally)}`)
    return { tally, winners: [...words] }
  }

  const nothingLeft = (name: string) => expect(readdirSync('/dev/shm').filter((each) => each.startsWith(name))).to.deep.equal([])
  const everyRound = (rounds: number) => Array.from({ length: rounds }, () => 1)

  it('of 8 creators one wins, and the others find its block whole', async () => {
    const [name, rounds] = [freshName('race'), 2000]
    const { tally, winners } = await race('creators', name, rounds)
    expect(winners).to.deep.equal(everyRound(rounds))
    const others = (PARTIES - 1) * rounds
    expect(tally).to.deep.equal({ made: rounds, exists: others, whole: others, missing: 0 })
    nothingLeft(name)
  })

  it('7 that attach while one creates find nothing, then the whole block', async () => {
    const [name, rounds] = [freshName('race'), 2000]
    const { tally, winners } = await race('attachers', name, rounds)
    expect(winners).to.deep.equal(everyRound(rounds))
    expect(tally).to.include({ made: rounds, exists: 0 })
    expect(tally.whole).to.be.above(0)
    expect(tally.missing).to.be.above(0)
    nothingLeft(name)
  })

  it('6 that attach all the time, while two create and unlink, find nothing or a whole block', async () => {
    const rounds = 2000
    const { tally } = await race('churn', freshName('race'), rounds)
    expect(tally).to.include({ made: 2 * rounds, exists: 0 })
    expect(tally.whole).to.be.above(0)
    expect(tally.missing).to.be.above(0)
  })

  it('a CPython process that attaches meanwhile finds nothing or a whole block', async function () {
    if (missingPython(this)) return
    const name = freshName('race')
    const script = join(root, 'test/process/create_race.py')
    const python = spawn('python3', [script, `${name}-false`, `${name}-true`, `${BYTES}`, `${ITEMS}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines: string[] = []
    const reader = createInterface(python.stdout).on('line', (line) => lines.push(line))
    const closed = Promise.all([once(python, 'close'), once(reader, 'close')])
    await once(reader, 'line')
    await race('churn', name, 1500)
    python.stdin.end('\n')
    const [[code]] = await closed
    expect(code).to.equal(0)
    const [whole = 0, missing = 0] = (lines[1] ?? '').split(' ').map(Number)
    console.log(`      CPython: ${whole} whole, ${missing} missing`)
    expect(whole).to.be.above(0)
  })
})
