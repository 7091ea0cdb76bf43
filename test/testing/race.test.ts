/** A function in several processes at the same instant: what comes back, and what is left of the processes. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { RawArray, RawValue, Value } from '../../lib/index.js'
import { checkLinearizable, race, record } from '../../lib/testing/index.js'
import * as targets from '../fixtures/race-targets.js'
import { untilBusily } from '../helpers/deferred.js'
import { type Coded, codeRejected, codeThrown, rejected } from '../helpers/errors.js'
import { fixturePath, fixtureUrl } from '../helpers/paths.js'
import { isAlive, processesWith } from '../helpers/proc.js'

const module = fixtureUrl('race-targets')
/** Marks the processes of these tests, which inherit it. */
const MARK = ['SHAREDCTYPES_RACE_TEST', String(process.pid)] as const

describe('race', () => {
  before(() => {
    process.env[MARK[0]] = MARK[1]
  })
  after(() => {
    delete process.env[MARK[0]]
  })
  /** None is left, after each test. This process's own environment in /proc is that of its start. */
  afterEach(() => expect(processesWith(...MARK)).to.deep.equal([]))

  it('gives what each process returned', async () => {
    const [{ results, history }] = await race(targets.whoAmI, { processes: 3, module })
    expect(results.map(([, ...rest]) => rest)).to.deep.equal([0, 1, 2].map((i) => [`race-${i}`, false]))
    expect(new Set([process.pid, ...results.map(([pid]) => pid)]).size).to.equal(4)
    expect(history).to.deep.equal([])
  })

  it('runs all at the same time, as often as it is told, with the same processes', async () => {
    using here = RawValue('c_int', 0)
    const rounds = await race(targets.meet, { processes: 3, rounds: 50, args: [{ here }, 3], module })
    expect(rounds.map(({ results }) => results)).to.deep.equal(Array.from({ length: 50 }, () => [3, 3, 3]))
    expect(here.value).to.equal(150)
  })

  it('gives each round arguments of its own, if they are made by a function', async () => {
    const counters = [0, 10, 20].map((n) => Value('c_int', n))
    const rounds = await race(targets.increments, { rounds: 3, args: (round) => [counters[round], 5], module })
    expect(counters.map((counter) => counter.value)).to.deep.equal([10, 20, 30])
    for (const [i, { history }] of rounds.entries()) {
      expect(history.length).to.equal(12)
      const model = {
        initial: i * 10,
        step: (sum: number, { name }: { name: string }) => (name === 'add' ? { state: sum + 1, result: sum } : { state: sum, result: sum }),
      }
      expect(checkLinearizable(history, model).linearizable).to.equal(true)
      expect(checkLinearizable(history, { ...model, initial: i * 10 + 1 }).linearizable).to.equal(false)
    }
    for (const counter of counters) counter.close()
  })

  it('has histories of begins and ends in the order of one clock', async () => {
    using counter = Value('c_int', 0)
    const [{ history }] = await race(targets.increments, { args: [counter, 100], module })
    const events = history.flatMap(({ begin, end }) => [begin, end])
    expect(new Set(events).size).to.equal(404)
    for (const { begin, end } of history) expect(begin).to.be.below(end)
    const adds = history.filter(({ name }) => name === 'add')
    for (const one of adds)
      for (const other of adds) if (one.end < other.begin) expect(one.result as number).to.be.below(other.result as number)
  })

  it('records errors by their codes, and views as they were', async () => {
    const [{ results, history }] = await race(targets.recordsAnError, { processes: 1, module })
    expect(results).to.deep.equal(['out of luck'])
    expect(history[0]).to.include({ name: 'fail', error: 'ERR_OUT_OF_LUCK', message: 'out of luck' })
    using array = RawArray('c_int', 2)
    const [view] = await race(targets.recordsAView, { processes: 1, args: [array], module })
    expect(view.history[0]?.result).to.deep.equal(new Int32Array(2))
    expect(array[0]).to.equal(9)
  })

  for (const [what, why] of [
    ['throw', 'failed: RangeError: out of luck'],
    ['exit', 'ended with exit code 3'],
    ['kill', 'was ended by SIGKILL'],
  ] as const) {
    it(`rejects if a process does this: ${what}`, async () => {
      using word = RawValue('c_int', 0)
      const error = await rejected(race(targets.oneOf, { processes: 3, args: [1, what, word], module }))
      expect(error.code).to.equal('ERR_PROCESS_FAILED')
      expect(error.message)
        .to.match(/^Process 1 of the race \(pid \d+\) /)
        .and.include(why)
      expect((error.cause as Coded | undefined)?.code).to.equal(what === 'throw' ? 'ERR_OUT_OF_LUCK' : undefined)
    })
  }

  it('rejects when time is over, and says where they are', async () => {
    using word = RawValue('c_int', 0)
    const error = await rejected(race(targets.oneOf, { args: [1, 'nothing', word], module, timeout: 1500 }))
    expect(error.code).to.equal('ERR_TIMEOUT')
    expect(error.message).to.match(/^The race of 'oneOf' is not over after 1500 ms: /)
  })

  it('rejects for results that can not be cloned', async () => {
    const error = await rejected(race(targets.givesAFunction, { module }))
    expect(error.code).to.equal('ERR_PROCESS_FAILED')
    expect(error.message).to.include('could not be cloned')
  })

  it('hears what its processes answer, and not what else they send', async () => {
    const [{ results }] = await race(targets.talks, { module })
    expect(results).to.deep.equal([7, 7])
  })

  it('records arguments as they were given', async () => {
    const [{ history }] = await race(targets.recordsASort, { processes: 1, module })
    expect(history.map(({ args, result }) => [args, result])).to.deep.equal([[[[3, 1, 2]], 1]])
  })

  it('rejects for operations that can not be written down, instead of a history without them', async () => {
    for (const later of [false, true]) {
      const error = await rejected(race(targets.recordsTheUnclonable, { module, args: [later] }))
      expect([error.code, (error.cause as Coded).code]).to.deep.equal(['ERR_PROCESS_FAILED', 'ERR_INVALID_ARG_TYPE'])
      expect(error.message).to.include("what 'give' gives").and.include('could not be cloned')
    }
  })

  it('rejects for operations that are not awaited', async () => {
    const error = await rejected(race(targets.awaitsNothing, { module }))
    expect((error.cause as Coded).code).to.equal('ERR_INVALID_STATE')
    expect(error.message).to.include("'later' was not awaited")
  })

  it('rejects for what a Process does not take', async () => {
    expect(await codeRejected(race(() => {}, { module }))).to.equal('ERR_NOT_EXPORTED')
    expect(await codeRejected(race(targets.whoAmI, { module: fixtureUrl('nothing-such') }))).to.equal('ENOENT')
    expect(await codeRejected(race(7 as never, { module }))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(await codeRejected(race(targets.whoAmI, { module, args: 7 as never }))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(await codeRejected(race(targets.whoAmI, { module, processes: 0 }))).to.equal('ERR_OUT_OF_RANGE')
    expect(await codeRejected(race(targets.whoAmI, { module, processes: '2' as never }))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(await codeRejected(race(targets.whoAmI, { module, rounds: 1.5 }))).to.equal('ERR_OUT_OF_RANGE')
    expect(await codeRejected(race(targets.whoAmI, { module, timeout: -1 }))).to.equal('ERR_OUT_OF_RANGE')
    expect((await rejected(race(targets.whoAmI, { module, args: [() => {}] }))).name).to.equal('DataCloneError')
  })

  it('does not race again in a process that imports the module for a race', async () => {
    const { nothing } = { nothing: function nothing() {} }
    const error = await rejected(race(nothing, { module: fixtureUrl('race-imports') }))
    expect((error.cause as Coded).code).to.equal('ERR_INVALID_STATE')
    expect(error.message).to.include('isMainProcess')
  })

  it('may be run in a process of a race, by what is raced', async () => {
    const [{ results }] = await race(targets.racesAgain, { processes: 1, module })
    expect((results[0] as { results: unknown[] }[])[0]?.results).to.have.lengthOf(1)
  })

  it('ends its processes when the one that races is killed', async () => {
    const parent = fork(fixturePath('race-parent'))
    const [pids] = (await once(parent, 'message')) as [number[]]
    expect(pids.map(isAlive)).to.deep.equal([true, true])
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    await untilBusily(() => !pids.some(isAlive))
  })

  it('records nothing elsewhere', () => {
    expect(codeThrown(() => record('add', [], () => 1))).to.equal('ERR_INVALID_STATE')
  })
})
