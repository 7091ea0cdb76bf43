/** Which histories can be explained, and how one that can't is told. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  checkLinearizable,
  formatHistory,
  type History,
  type Model,
  NotLinearizableError,
  type Operation,
} from '../../lib/testing/index.js'
import { codeThrown, thrown } from '../helpers/errors.js'

/** A register that gives what it had. */
const register: Model<number> = {
  initial: 0,
  step: (old, { name, args }) => ({ state: name === 'write' ? (args[0] as number) : old, result: old }),
}
const operation = (process: number, name: string, begin: number, end: number, result?: unknown, ...args: unknown[]): Operation => ({
  process,
  name,
  args,
  begin,
  end,
  result,
})
const KILLED = Number.POSITIVE_INFINITY

/** By trying every order there is. */
function explainable(history: History, model: Model<number>): boolean {
  const explained = (left: readonly Operation[], state: number): boolean =>
    left.every(({ end }) => end === KILLED) ||
    left.some((each) => {
      const rest = left.filter((other) => other !== each)
      if (rest.some(({ end }) => end < each.begin)) return false
      const outcome = model.step(state, each) as { state: number; result: unknown }
      return (each.end === KILLED || outcome.result === each.result) && explained(rest, outcome.state)
    })
  return explained(history, model.initial)
}

/** Any history of up to 6 operations of 3 processes on a register, some of them killed in it, and what they gave anything. */
const someHistory = fc
  .array(fc.record({ process: fc.nat(2), write: fc.boolean(), value: fc.nat(2), result: fc.nat(2), long: fc.nat(9) }), { maxLength: 6 })
  .map((list): History => {
    const dead = new Set<number>()
    const last = [0, 0, 0]
    return list.flatMap(({ process, write, value, result, long }, i) => {
      if (dead.has(process)) return []
      const begin = Math.max(i * 2, (last[process] as number) + 1)
      const end = long === 9 ? KILLED : begin + long
      last[process] = end
      if (end === KILLED) dead.add(process)
      return [operation(process, write ? 'write' : 'read', begin, end, result, ...(write ? [value] : []))]
    })
  })

describe('checkLinearizable', () => {
  it('agrees with trying every order', () => {
    const verdicts = { true: 0, false: 0 }
    fc.assert(
      fc.property(someHistory, (history) => {
        const verdict = checkLinearizable(history, register)
        verdicts[`${verdict.linearizable}`]++
        expect(verdict.linearizable).to.equal(explainable(history, register), formatHistory(history))
      }),
      { numRuns: 2000 },
    )
    expect(Math.min(verdicts.true, verdicts.false)).to.be.above(100)
  })

  it('gives an order that the model explains and the clock allows', () => {
    fc.assert(
      fc.property(someHistory, (history) => {
        const verdict = checkLinearizable(history, register)
        fc.pre(verdict.linearizable)
        let state = register.initial
        for (const [i, each] of verdict.order.entries()) {
          const outcome = register.step(state, each) as { state: number; result: unknown }
          if (each.end !== KILLED) expect(outcome.result).to.equal(each.result)
          for (const later of verdict.order.slice(i + 1)) expect(later.end).to.be.at.least(each.begin)
          state = outcome.state
        }
        for (const each of history) if (each.end !== KILLED) expect(verdict.order).to.include(each)
      }),
      { numRuns: 500 },
    )
  })

  it('takes what overlaps in either order, and what does not in its own', () => {
    const write = operation(0, 'write', 1, 4, 0, 7)
    expect(checkLinearizable([write, operation(1, 'read', 2, 3, 0)], register).linearizable).to.equal(true)
    expect(checkLinearizable([write, operation(1, 'read', 2, 3, 7)], register).linearizable).to.equal(true)
    expect(checkLinearizable([write, operation(1, 'read', 5, 6, 0)], register).linearizable).to.equal(false)
  })

  it('lets an operation whose process was killed take effect late, or never', () => {
    const killed = operation(0, 'write', 1, KILLED, undefined, 7)
    for (const reads of [
      [0, 0],
      [0, 7],
      [7, 7],
    ]) {
      const history = [killed, ...reads.map((result, i) => operation(1, 'read', 2 + 2 * i, 3 + 2 * i, result))]
      expect(checkLinearizable(history, register).linearizable).to.equal(true)
    }
    const back = [killed, operation(1, 'read', 2, 3, 7), operation(1, 'read', 4, 5, 0)]
    expect(checkLinearizable(back, register).linearizable).to.equal(false)
  })

  it('says how far it gets, and what should have come then', () => {
    const history = [operation(0, 'write', 1, 2, 0, 7), operation(1, 'read', 3, 4, 8), operation(0, 'read', 5, 6, 7)]
    const verdict = checkLinearizable(history, register)
    expect(verdict).to.deep.equal({
      linearizable: false,
      explained: [history[0]],
      refused: [{ operation: history[1], expected: [{ state: 7, result: 7 }] }],
    })
  })

  it('compares errors by their codes, and results by their structure', () => {
    const model: Model<number> = {
      initial: 0,
      step: (state, { name }) => (name === 'fail' ? { state, error: 'ERR_X' } : { state, result: [{ state }] }),
    }
    const fail = { ...operation(0, 'fail', 1, 2), error: 'ERR_X' }
    expect(checkLinearizable([fail, operation(0, 'ask', 3, 4, [{ state: 0 }])], model).linearizable).to.equal(true)
    expect(checkLinearizable([{ ...fail, error: 'ERR_Y' }], model).linearizable).to.equal(false)
    expect(checkLinearizable([operation(0, 'fail', 1, 2)], model).linearizable).to.equal(false)
  })

  it('takes any of several outcomes, and leaves what does not happen for later', () => {
    const coin: Model<string> = { initial: '', step: () => ['heads', 'tails'].map((state) => ({ state, result: state })) }
    expect(checkLinearizable([operation(0, 'toss', 1, 2, 'tails')], coin).linearizable).to.equal(true)
    expect(checkLinearizable([operation(0, 'toss', 1, 2, 'edge')], coin).linearizable).to.equal(false)
    // A lock that is waited for: taken only where it is free.
    const lock: Model<boolean> = {
      initial: false,
      step: (taken, { name }) => (name === 'release' ? { state: false } : taken ? undefined : { state: true }),
    }
    const [first, release, second] = [operation(0, 'acquire', 1, 2), operation(0, 'release', 4, 5), operation(1, 'acquire', 3, 6)]
    expect(checkLinearizable([first, release, second], lock)).to.deep.equal({ linearizable: true, order: [first, release, second] })
    expect(checkLinearizable([first, second], lock).linearizable).to.equal(false)
  })

  it('has an answer for long histories', () => {
    const history = Array.from({ length: 3000 }, (_, i) => operation(i % 3, 'write', i * 2, i * 2 + 5, i, i + 1))
    expect(checkLinearizable(history, register).linearizable).to.equal(true)
    const last = operation(0, 'read', 9000, 9001, 1)
    expect(checkLinearizable([...history, last], register).linearizable).to.equal(false)
  })

  it('takes operations of one process that overlap, as asynchronous ones do', () => {
    const history = [operation(0, 'write', 1, 6, 3, 1), operation(0, 'write', 2, 5, 0, 3), operation(0, 'read', 3, 7, 1)]
    expect(checkLinearizable(history, register).linearizable).to.equal(true)
  })

  it('refuses what is no history and no model, and a model that changes its states', () => {
    const one = operation(0, 'read', 1, 2, 0)
    expect(codeThrown(() => checkLinearizable('x' as never, register))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(codeThrown(() => checkLinearizable([null] as never, register))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(codeThrown(() => checkLinearizable([{ ...one, begin: '1' }] as never, register))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(codeThrown(() => checkLinearizable([{ ...one, end: 0 }], register))).to.equal('ERR_OUT_OF_RANGE')
    expect(codeThrown(() => formatHistory([{ begin: 0, end: 1 }] as never))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(codeThrown(() => formatHistory([{ ...one, process: -1 }]))).to.equal('ERR_OUT_OF_RANGE')
    expect(codeThrown(() => formatHistory([{ ...one, args: undefined }] as never))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(thrown(() => formatHistory([{ ...one, begin: Number.NaN }])).message).to.include('`history[0].begin`')
    expect(codeThrown(() => checkLinearizable([one], {} as never))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(codeThrown(() => checkLinearizable([one], { initial: 0, step: () => 7 as never }))).to.equal('ERR_INVALID_ARG_TYPE')
    const careless: Model<number[]> = { initial: [0], step: (state) => ({ state: state.fill(1) }) }
    expect(thrown(() => checkLinearizable([one], careless))).to.be.instanceOf(TypeError)
    const inside: Model<{ list: number[] }> = {
      initial: Object.freeze({ list: [0] }),
      step: (state) => ({ state: { list: state.list.fill(1) } }),
    }
    expect(thrown(() => checkLinearizable([one], inside))).to.be.instanceOf(TypeError)
    for (const initial of [new Map(), new Set(), new Date(0), new Uint8Array(1), [{ deep: new Map() }], () => {}])
      expect(codeThrown(() => checkLinearizable([one], { initial, step: (state) => ({ state, result: 0 }) }))).to.equal(
        'ERR_INVALID_ARG_TYPE',
      )
  })
})

describe('formatHistory', () => {
  it('draws a column for each process, time downwards', () => {
    const history = [
      operation(1, 'write', 2, 6, 0, 'a text'),
      operation(0, 'read', 1, 4, 0),
      { ...operation(0, 'close', 7, 8), error: 'ERR_CLOSED', message: 'not shown' },
      { ...operation(2, 'read', 3, KILLED), result: undefined },
    ]
    expect(formatHistory(history)).to.equal(
      [
        'process 0                process 1           process 2',
        '┌ read()',
        "│                        ┌ write('a text')",
        '│                        │                   ┌ read()',
        '└ → 0                    │                   │',
        '                         └ → 0               │',
        '─ close() ✗ ERR_CLOSED                       │',
        '                                             ╵ no answer',
      ].join('\n'),
    )
  })

  it('gives operations of one process that overlap columns of their own', () => {
    expect(formatHistory([operation(0, 'a', 1, 3), operation(0, 'b', 2, 4)])).to.equal(
      'process 0   process 0\n┌ a()\n│           ┌ b()\n└           │\n            └',
    )
  })
})

describe('a NotLinearizableError', () => {
  const history = [operation(0, 'write', 1, 2, undefined, 3)]
  const verdict = checkLinearizable(history, register)

  it('says that a result is undefined where there should be one', () => {
    if (verdict.linearizable) throw new Error('a write gives what was there before')
    const error = new NotLinearizableError(history, verdict)
    expect(error.message).to.match(/process 0's write\(3\) → undefined: the model has it give → 0$/)
  })

  it('has the history, and is printed without it', () => {
    if (verdict.linearizable) throw new Error('a write gives what was there before')
    const error = new NotLinearizableError(history, verdict)
    expect(error.history).to.equal(history)
    expect(error.verdict).to.equal(verdict)
    expect(inspect(error)).to.include('─ write(3)').and.not.include('begin:')
  })
})
