/** Specifications that processes are held against: what is found, how small it becomes, what is left of the processes. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  checkLinearizable,
  checkRaces,
  checkSequences,
  NotLinearizableError,
  raceProperty,
  type Specification,
  specCommands,
  startCrew,
  startModel,
} from '../../lib/testing/index.js'
import * as broken from '../fixtures/broken-specifications.js'
import * as odd from '../fixtures/odd-specifications.js'
import { lockedCounter, semaphores } from '../fixtures/race-specifications.js'
import { untilBusily } from '../helpers/deferred.js'
import { codeRejected, codeThrown, rejected } from '../helpers/errors.js'
import { fixturePath } from '../helpers/paths.js'
import { isAlive, processesWith } from '../helpers/proc.js'

const MARK = ['SHAREDCTYPES_CREW_TEST', String(process.pid)] as const

/** The schedule need not be the smallest: that takes luck at each step. */
async function found<Objects, State>(specification: Specification<Objects, State>): Promise<NotLinearizableError> {
  const error = await rejected(checkRaces(specification, { processes: 2, commands: 3, first: 1, repeats: 50 }))
  expect(error).to.be.instanceOf(NotLinearizableError)
  expect(error.message).to.match(
    /Again: checkRaces\(…, \{ processes: 2, commands: 3, first: 1, repeats: 50, seed: -?\d+, path: '[\d:]+', endOnFailure: true \}\)$/,
  )
  const { history, verdict } = error as NotLinearizableError
  expect(history.length).to.be.within(2, 1 + 2 * 3 + 1)
  expect(new Set(history.map((each) => each.process))).to.deep.equal(new Set([0, 1]))
  expect(verdict).to.deep.equal(checkLinearizable(history, specification.model))
  expect(verdict.linearizable).to.equal(false)
  return error as NotLinearizableError
}

/** The options that an error's message gives to repeat it. */
function optionsOf(error: Error): Record<string, unknown> {
  const [, text = ''] = /Again: check\w+\(…, (\{.*\})\)$/.exec(error.message) ?? []
  return JSON.parse(text.replaceAll("'", '"').replace(/(\w+): /g, '"$1": '))
}

describe('specifications', () => {
  before(() => {
    process.env[MARK[0]] = MARK[1]
  })
  after(() => {
    delete process.env[MARK[0]]
  })
  afterEach(() => expect(processesWith(...MARK)).to.deep.equal([]))

  describe('find', () => {
    it('the lost update of an unlocked counter', async () => {
      const { history, message, code } = await found(broken.unlockedCounter)
      expect(code).to.equal('ERR_NOT_LINEARIZABLE')
      expect(history.map(({ name }) => name)).to.include('increment')
      expect(message).to.include('process 0').and.include('the model has it give →')
    })

    it('the same by what is left', async () => {
      const { history } = await found(broken.silentCounter)
      expect(history.at(-1)?.name).to.equal('observe')
    })

    it('an unlocked compare-then-set', async () => {
      const { history } = await found(broken.compareThenSet)
      expect(history.filter(({ result }) => result === 0).length).to.be.above(1)
    })

    it('a lock that checks and then sets', async () => {
      const { history } = await found(broken.checkThenSetLock)
      expect(history.filter(({ result }) => result === true).length).to.be.above(1)
    })
  })

  it('are properties for fc.assert, which reports the schedule and the history', async () => {
    await using crew = await startCrew(broken.unlockedCounter)
    const error = await rejected(fc.assert(raceProperty(crew, { commands: 2, first: 1, repeats: 50 })))
    expect(error.message).to.match(/Counterexample: \[.*increment\(\).* ∥ .*increment\(\)/)
    expect(error.cause).to.be.instanceOf(NotLinearizableError)
  })

  it('can be run again by what the message says', async () => {
    for (const check of [checkRaces, checkSequences]) {
      const bounds = { commands: 5, processes: 2, seed: 5 }
      const error = (await rejected(
        check(odd.wrongModel, { ...bounds, ...(check === checkRaces && { repeats: 20 }) }),
      )) as NotLinearizableError
      const again = optionsOf(error)
      expect(again)
        .to.include({ ...bounds, endOnFailure: true })
        .and.to.have.property('path')
      const repeated = (await rejected(check(odd.wrongModel, again))) as NotLinearizableError
      expect(repeated.message).to.include('Failed in run 1, made smaller 0 times')
      expect(repeated.history.map(({ result }) => result)).to.deep.equal(error.history.map(({ result }) => result))
    }
  })

  it('pass on what the model throws, with what repeats it', async () => {
    odd.mood.of = 'throwing'
    try {
      const error = await rejected(checkRaces(odd.moody, { repeats: 1 }))
      expect(error).to.be.instanceOf(RangeError)
      expect(error.message)
        .to.match(/^out of mood\nadd\(\)/)
        .and.include('Again: checkRaces(…, { repeats: 1, seed: ')
      expect(error.stack).to.include('Again: checkRaces')
    } finally {
      odd.mood.of = 'right'
    }
  })

  it('say so if fast-check gives up', async () => {
    const options = { repeats: 1, interruptAfterTimeLimit: 0, markInterruptAsFailure: true }
    const error = await rejected(checkRaces(odd.wrongModel, options))
    expect(error.code).to.equal('ERR_INVALID_STATE')
    expect(error.message).to.include('interrupted')
  })

  it('are patient with a failure only as long as it is made smaller', async () => {
    await using crew = await startCrew(odd.moody)
    const property = raceProperty(crew, { repeats: 10 })
    odd.mood.of = 'wrong'
    expect((await fc.check(property)).failed).to.equal(true)
    odd.mood.of = 'right'
    const before = crew.statistics.repetitions
    expect((await fc.check(property, { numRuns: 4, seed: 1 })).failed).to.equal(false)
    expect(crew.statistics.repetitions - before).to.be.within(11, 40)
  })

  it('have no objection to what is locked, and say what they did', async () => {
    const done = await checkRaces(lockedCounter, { processes: 3, numRuns: 5, repeats: 50, first: 0 })
    expect(done.schedules).to.be.within(1, 5)
    expect(done.repetitions).to.be.within(1, 250)
    expect(done.histories).to.be.within(1, done.repetitions)
    expect(done.overlapping).to.be.within(1, done.repetitions)
  })

  it('run schedules by hand, many more repetitions than are ordered together, each with objects of its own', async () => {
    await using crew = await startCrew(lockedCounter)
    const step = { name: 'withLock', args: [1] }
    const histories = await crew.race({ first: [step], processes: [[step, step], [step]] }, 1000)
    expect(histories.length).to.equal(1000)
    for (const history of histories) {
      expect(history.map(({ result }) => result as number).sort()).to.deep.equal([1, 2, 3, 4])
      expect(checkLinearizable(history, lockedCounter.model).linearizable).to.equal(true)
    }
  })

  it('run through fast-check’s own runner of models', async () => {
    await using crew = await startCrew(lockedCounter)
    let ran = 0
    await fc.assert(
      fc.asyncProperty(fc.commands(specCommands(crew), { maxCommands: 10 }), async (commands) => {
        await using real = await crew.open()
        const model = startModel(lockedCounter)
        await fc.asyncModelRun(() => ({ model, real }), commands)
        ran += model.operations.length
      }),
      { numRuns: 10 },
    )
    expect(ran).to.be.above(0)
  })

  it('find what one process alone does wrong, as a sequence of two', async () => {
    const error = (await rejected(checkSequences(odd.wrongModel, { processes: 2 }))) as NotLinearizableError
    expect(error.history.map(({ result }) => result)).to.deep.equal([0, 1])
    const race = (await rejected(checkRaces(odd.wrongModel, { repeats: 50 }))) as NotLinearizableError
    expect(race.history.length).to.equal(2)
  })

  it('tell where a slip is, of errors without a code', async () => {
    for (const check of [checkRaces, checkSequences]) {
      const { message, history } = (await rejected(check(odd.slipping, { processes: 2 }))) as NotLinearizableError
      expect(message).to.match(
        /✗ TypeError: value\.misspelt is not a function: the model has it give → 0\n +at slip .*odd-specifications.*\n +at .*odd-specifications.*\n\n/,
      )
      expect(history[0]?.error).to.equal('TypeError')
    }
  })

  it('kill processes in sequences, if they say what that means', async () => {
    await using crew = await startCrew(odd.mortal)
    const pids = [...crew.pids]
    await using real = await crew.open()
    const add = { name: 'add', args: [] }
    expect((await real.call(1, add)).result).to.equal(1)
    expect((await real.call(1, add)).result).to.equal(2)
    expect((await real.call(0, add)).result).to.equal(1)
    expect(await real.kill(1)).to.include({ process: 1, name: 'SIGKILL' })
    expect(isAlive(pids[1] as number)).to.equal(false)
    expect((await real.call(1, add)).result).to.equal(1) // another process, the same shared object
    expect(real.objects.value.value).to.equal(4)
    expect(crew.pids[0]).to.equal(pids[0])
    expect(crew.pids[1]).not.to.equal(pids[1])
  })

  it('give back the permits of a killed process', async () => {
    const [, semaphore] = semaphores[1] as (typeof semaphores)[number]
    await using crew = await startCrew(semaphore, { processes: 3 })
    await using real = await crew.open()
    const tryAcquire = { name: 'tryAcquire', args: [] }
    expect((await real.call(0, tryAcquire)).result).to.equal(true)
    expect((await real.call(1, tryAcquire)).result).to.equal(false)
    await real.kill(0)
    expect((await real.call(1, tryAcquire)).result).to.equal(true)
  })

  describe('with processes that go wrong', () => {
    it('find a deadlock, say who is where, and go on with others', async () => {
      await using crew = await startCrew(odd.deadlock, { timeout: 3000 })
      const steps = ['aThenB', 'bThenA'].map((name) => [{ name, args: [] }])
      const error = await rejected(crew.race({ first: [], processes: steps }, 10))
      expect([error.code, error.message]).to.deep.equal([
        'ERR_TIMEOUT',
        'The processes are not done after 3000 ms: process 0 in `aThenB` (repetition 1), process 1 in `bThenA` (repetition 1)',
      ])
      expect(await crew.race({ first: [], processes: [] }, 1)).to.deep.equal([[]])
      await crew.race({ first: [], processes: [] }, 1)
    })

    it('say which process ended, and go on with another', async () => {
      await using crew = await startCrew(odd.dying)
      const [fine, exit] = [
        { name: 'fine', args: [] },
        { name: 'exit', args: [] },
      ]
      const error = await rejected(crew.race({ first: [], processes: [[fine], [exit]] }, 10))
      expect([error.code, error.message.replace(/\d+\)/, 'n)')]).to.deep.equal([
        'ERR_PROCESS_FAILED',
        'Process 1 of the race (pid n) ended with exit code 7',
      ])
      expect((await crew.race({ first: [], processes: [[fine], [fine]] }, 10)).length).to.equal(10)
      const smallest = await rejected(checkRaces(odd.dying, { repeats: 50 }))
      expect(smallest.code).to.equal('ERR_PROCESS_FAILED')
      expect(smallest.message).to.include('exit()').and.include('Again: checkRaces')
    })

    it('say so if a result can not be cloned', async () => {
      await using crew = await startCrew(odd.unclonable)
      for (const name of ['give', 'giveLater', 'giveFunction']) {
        const step = { name, args: [] }
        const error = await rejected(crew.race({ first: [], processes: [[step]] }, 1))
        expect([error.code, (error.cause as Error & { code?: string }).code]).to.deep.equal(['ERR_PROCESS_FAILED', 'ERR_INVALID_ARG_TYPE'])
        expect(error.message).to.include(`what '${name}' gives`).and.include('could not be cloned')
        await using real = await crew.open()
        expect((await rejected(real.call(0, step))).message).to.include(`what '${name}' gives`)
      }
    })

    it('come to a verdict if a flow holds a lock for ever', async () => {
      await using crew = await startCrew(odd.heldByFlow)
      const histories = await crew.race({ first: [], processes: [[{ name: 'hold', args: [] }]] }, 3)
      expect(histories.map(([operation]) => operation?.result)).to.deep.equal([true, true, true])
    })

    it('end them when the process that has the crew is killed', async () => {
      const parent = fork(fixturePath('crew-parent'))
      const [pids] = (await once(parent, 'message')) as [number[]]
      expect(pids.map(isAlive)).to.deep.equal([true, true, true])
      parent.kill('SIGKILL')
      await once(parent, 'exit')
      await untilBusily(() => !pids.some(isAlive))
    })
  })

  it('give each repetition arguments of its own, and keep them out of the history', async () => {
    await using crew = await startCrew(odd.greedy)
    const step = { name: 'fill', args: [{ list: [1, 2] }] }
    const histories = await crew.race({ first: [], processes: [[step, step]] }, 2)
    for (const history of histories)
      expect(history.map(({ args, result }) => [args, result])).to.deep.equal([
        [[{ list: [1, 2] }], 2],
        [[{ list: [1, 2] }], 2],
      ])
  })

  it('take one state for one, however many outcomes lead to it', async () => {
    await using crew = await startCrew(odd.twice)
    await using real = await crew.open()
    const model = startModel(odd.twice)
    const outcomes = ({ n }: { n: number }) => [1, 2].map(() => ({ state: { n: n + 1 }, result: n }))
    for (let i = 0; i < 20; i++) model.take(await real.call(i % 2, { name: 'add', args: [] }), outcomes)
    expect(model.states).to.deep.equal([{ n: 20 }])
  })

  it('close what stands in a Map or a cycle', async () => {
    await using crew = await startCrew(odd.knotted)
    const histories = await crew.race({ first: [], processes: [[{ name: 'look', args: [] }]] }, 2)
    expect(histories.map(([operation]) => operation?.result)).to.deep.equal(['object', 'object'])
  })

  it('are refused where they can not work', async () => {
    expect(await codeRejected(startCrew(odd.absent as Specification<unknown, number>).then((crew) => ended(crew)))).to.equal(
      'ERR_PROCESS_FAILED',
    )
    expect(await codeRejected(startCrew({} as never))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(await codeRejected(startCrew(lockedCounter, { processes: 0 }))).to.equal('ERR_OUT_OF_RANGE')
    expect(await codeRejected(startCrew(lockedCounter, { timeout: 'x' as never }))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(await codeRejected(checkRaces(lockedCounter, { repeats: 0 }))).to.equal('ERR_OUT_OF_RANGE')
    expect(await codeRejected(checkSequences(lockedCounter, { commands: -1 }))).to.equal('ERR_OUT_OF_RANGE')
    expect(await codeRejected(checkRaces(odd.empty))).to.equal('ERR_OUT_OF_RANGE')
    expect(await codeRejected(checkSequences(odd.empty))).to.equal('ERR_OUT_OF_RANGE')
    expect(await codeRejected(checkSequences(lockedCounter, { replayPath: 1 as never }))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(codeThrown(() => lockedCounter.command('withLock', { run: () => 1, step: (state) => ({ state }) }))).to.equal('ERR_OUT_OF_RANGE')
    expect(codeThrown(() => lockedCounter.command('observe', { run: () => 1, step: (state) => ({ state }) }))).to.equal('ERR_OUT_OF_RANGE')
    expect(codeThrown(() => lockedCounter.command('x', {} as never))).to.equal('ERR_INVALID_ARG_TYPE')
  })

  it('refuse what is no schedule, no command and no process', async () => {
    await using crew = await startCrew(lockedCounter)
    const step = { name: 'withLock', args: [1] }
    for (const [schedule, repetitions, code] of [
      [{ first: [], processes: [[step]] }, 0.5, 'ERR_OUT_OF_RANGE'],
      [{ first: [], processes: [[step]] }, -1, 'ERR_OUT_OF_RANGE'],
      [{ first: [], processes: [[step]] }, 'x', 'ERR_INVALID_ARG_TYPE'],
      [{ first: [], processes: [[step], [step], [step]] }, 1, 'ERR_OUT_OF_RANGE'],
      [{ first: [{ name: 'x', args: [] }], processes: [] }, 1, 'ERR_OUT_OF_RANGE'],
      [{ first: [], processes: [[{ name: 'withLock' }]] }, 1, 'ERR_INVALID_ARG_TYPE'],
      [{ first: [], processes: [7] }, 1, 'ERR_INVALID_ARG_TYPE'],
      [{ processes: [] }, 1, 'ERR_INVALID_ARG_TYPE'],
      [undefined, 1, 'ERR_INVALID_ARG_TYPE'],
    ] as const)
      expect(await codeRejected(crew.race(schedule as never, repetitions as never))).to.equal(code)
    await using real = await crew.open()
    expect(await codeRejected(real.call(9, step))).to.equal('ERR_OUT_OF_RANGE')
    expect(await codeRejected(real.call(0, { name: 'x', args: [] }))).to.equal('ERR_OUT_OF_RANGE')
    expect(await codeRejected(real.call(0, undefined as never))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(await codeRejected(real.kill(2))).to.equal('ERR_OUT_OF_RANGE')
    expect((await real.call(0, step)).result).to.equal(1)
  })

  it('do one thing at a time', async () => {
    await using crew = await startCrew(lockedCounter)
    const schedule = { first: [], processes: [[{ name: 'withLock', args: [1] }]] }
    const first = crew.race(schedule, 1)
    expect(await codeRejected(crew.race(schedule, 1))).to.equal('ERR_INVALID_STATE')
    expect(await codeRejected(crew.open())).to.equal('ERR_INVALID_STATE')
    await first
    {
      await using real = await crew.open()
      expect(await codeRejected(crew.open())).to.equal('ERR_INVALID_STATE')
      expect(await codeRejected(crew.race(schedule, 1))).to.equal('ERR_INVALID_STATE')
      await real[Symbol.asyncDispose]()
    }
    expect((await crew.race(schedule, 1)).length).to.equal(1)
  })

  it('close a sequence also if a process that had a part in it is gone', async () => {
    await using crew = await startCrew(lockedCounter)
    const real = await crew.open()
    await real.call(0, { name: 'withLock', args: [1] })
    process.kill(crew.pids[0] as number, 'SIGKILL') // not heard of here yet
    await real[Symbol.asyncDispose]()
    expect(codeThrown(() => real.objects.value)).to.equal('ERR_CLOSED')
    expect((await crew.race({ first: [], processes: [[{ name: 'withLock', args: [1] }]] }, 1)).length).to.equal(1)
  })

  describe('refuse', () => {
    const numbers = { processes: 2, repeats: 1 }

    it('options that nobody knows, and numbers of runs that test nothing', async () => {
      const misspelt = { process: 3 } as { processes?: number }
      expect(await rejected(checkRaces(lockedCounter, misspelt)))
        .to.include({ code: 'ERR_OUT_OF_RANGE' })
        .and.match(/`options\.process` to be left out: there are processes, .*got 3$/)
      expect(await codeRejected(checkSequences(lockedCounter, { repeats: 3 } as object))).to.equal('ERR_OUT_OF_RANGE')
      for (const numRuns of [0, Number.NaN, -1])
        expect(await codeRejected(checkRaces(lockedCounter, { ...numbers, numRuns })), `${numRuns}`).to.equal('ERR_OUT_OF_RANGE')
      expect(await codeRejected(checkRaces(lockedCounter, { ...numbers, seed: 'abc' as unknown as number }))).to.equal(
        'ERR_INVALID_ARG_TYPE',
      )
      expect(await codeRejected(checkRaces(lockedCounter, { ...numbers, path: 5 as unknown as string }))).to.equal('ERR_INVALID_ARG_TYPE')
      expect(await codeRejected(checkSequences(lockedCounter, { path: '1:x' }))).to.equal('ERR_OUT_OF_RANGE')
    })

    it('to count runs that run nothing', async () => {
      const { schedules, repetitions } = await checkRaces(lockedCounter, { ...numbers, commands: 1, first: 0, numRuns: 30 })
      expect(schedules).to.equal(30)
      expect(repetitions).to.equal(30)
    })

    it('instances of classes, which would lose their methods on the way', async () => {
      const error = await rejected(checkRaces(odd.classy, { ...numbers, numRuns: 1 }))
      expect(error)
        .to.include({ code: 'ERR_INVALID_ARG_TYPE' })
        .and.match(/an instance of Ring/)
      expect(await codeRejected(checkSequences(odd.classy, { numRuns: 1 }))).to.equal('ERR_INVALID_ARG_TYPE')
    })
  })
})

/** A crew that should not have come to be. */
async function ended(crew: AsyncDisposable): Promise<never> {
  await crew[Symbol.asyncDispose]()
  throw new Error('the crew was started')
}
