/**
 * Random sequences of operations, one at a time, by several processes of which some are killed in between, against a sequential model of a few
 * lines for each primitive.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { BoundedSemaphore, Event, RWLock, Semaphore, type SharedObject } from '../../lib/index.js'
import { type OperationName, REFUSALS } from '../fixtures/programs.js'
import { Party } from '../helpers/parties.js'

const PARTIES = 3

/** What an operation has to answer; undefined: the model does not say, leave it out. */
interface Model {
  step(party: number, operation: OperationName, n: number): number | undefined
  kill(party: number): void
}

class SemaphoreModel implements Model {
  value: number
  readonly #bound: number
  readonly #held = new Array<number>(PARTIES).fill(0)

  constructor(value: number, bound: number) {
    this.value = value
    this.#bound = bound
  }

  step(party: number, operation: OperationName, n: number): number | undefined {
    if (operation === 'acquire') {
      if (this.value === 0) return 0
      this.value--
      this.#take(party, 1)
      return 1
    }
    if (this.value + n > this.#bound) return REFUSALS.ERR_OVER_RELEASE
    const others = this.#held.filter((held, i) => held > 0 && i !== party)
    // Of several others that hold, whose permit is given back first is not said.
    if (n > (this.#held[party] as number) && others.length > 1) return undefined
    for (let i = 0; i < n; i++) {
      const from = (this.#held[party] as number) > 0 ? party : this.#held.findIndex((held) => held > 0)
      if (from >= 0) this.#take(from, -1)
    }
    this.value += n
    return 1
  }

  #take(party: number, change: number): void {
    this.#held[party] = (this.#held[party] as number) + change
  }

  kill(party: number): void {
    this.value += this.#held[party] as number
    this.#held[party] = 0
  }
}

class RwModel implements Model {
  readonly reads = new Array<number>(PARTIES).fill(0)
  writer: number | undefined

  step(party: number, operation: OperationName): number {
    switch (operation) {
      case 'read':
        if (this.writer !== undefined && this.writer !== party && this.reads[party] === 0) return 0
        this.reads[party] = (this.reads[party] as number) + 1
        return 1
      case 'readRelease':
        if (this.reads[party] === 0) return REFUSALS.ERR_NOT_OWNER
        this.reads[party] = (this.reads[party] as number) - 1
        return 1
      case 'write':
        if (this.writer !== undefined || this.reads.some((each) => each > 0)) return 0
        this.writer = party
        return 1
      default:
        if (this.writer !== party) return REFUSALS.ERR_NOT_OWNER
        this.writer = undefined
        return 1
    }
  }

  kill(party: number): void {
    this.reads[party] = 0
    if (this.writer === party) this.writer = undefined
  }
}

class EventModel implements Model {
  isSet = 0

  step(_party: number, operation: OperationName): number {
    if (operation === 'isSet') return this.isSet
    this.isSet = operation === 'set' ? 1 : 0
    return 1
  }

  kill(): void {}
}

const settings = (numRuns: number) => ({
  numRuns: numRuns * Number(process.env.RUNS ?? 1),
  ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }),
})

describe('sequences of operations by several processes', () => {
  let parties: Party[]
  before(() => {
    parties = Array.from({ length: PARTIES }, () => new Party())
  })
  after(() => Promise.all(parties.map((party) => party.end())))

  /** Runs a sequence and compares each answer. `compare` looks at the object itself. */
  async function follow(objects: Record<string, SharedObject>, model: Model, steps: readonly Step[], compare: () => void): Promise<void> {
    for (const { party, operation, n } of steps) {
      if (operation === 'kill') {
        await (parties[party] as Party).end()
        parties[party] = new Party()
        model.kill(party)
      } else {
        const expected = model.step(party, operation, n)
        if (expected === undefined) continue
        const { got } = await (parties[party] as Party).run(objects, { kind: 'operation', operation, n })
        expect(got, `${operation}(${n}) by party ${party}`).to.equal(expected)
      }
      compare()
    }
  }

  interface Step {
    readonly party: number
    readonly operation: OperationName | 'kill'
    readonly n: number
  }
  const sequence = (...operations: OperationName[]) =>
    fc.array(
      fc.record({
        party: fc.integer({ min: 0, max: PARTIES - 1 }),
        operation: fc.oneof(
          { weight: 25, arbitrary: fc.constantFrom<Step['operation']>(...operations) },
          { weight: 1, arbitrary: fc.constant<Step['operation']>('kill') },
        ),
        n: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 6 })),
      }),
      { minLength: 1, maxLength: 60 },
    )

  it('a Semaphore', () =>
    fc.assert(
      fc.asyncProperty(sequence('acquire', 'acquire', 'release'), fc.integer({ min: 0, max: 6 }), async (steps, value) => {
        using semaphore = Semaphore(value)
        const model = new SemaphoreModel(value, 2 ** 31 - 1)
        await follow({ semaphore }, model, steps, () => expect(semaphore.value).to.equal(model.value))
      }),
      settings(25),
    ))

  it('a BoundedSemaphore', () =>
    fc.assert(
      fc.asyncProperty(sequence('acquire', 'acquire', 'release'), fc.integer({ min: 0, max: 6 }), async (steps, value) => {
        using semaphore = BoundedSemaphore(value)
        const model = new SemaphoreModel(value, value)
        await follow({ semaphore }, model, steps, () => expect(semaphore.value).to.equal(model.value))
      }),
      settings(25),
    ))

  it('an RWLock', () =>
    fc.assert(
      fc.asyncProperty(sequence('read', 'read', 'readRelease', 'write', 'writeRelease'), async (steps) => {
        using rw = RWLock()
        const model = new RwModel()
        await follow({ rw }, model, steps, () => {
          expect(rw.write.locked).to.equal(model.writer !== undefined)
          // A thread that reads several times is one reader.
          expect(rw.read.readers).to.equal(model.reads.filter((each) => each > 0).length)
        })
      }),
      settings(25),
    ))

  it('an Event', () =>
    fc.assert(
      fc.asyncProperty(sequence('set', 'clear', 'isSet'), async (steps) => {
        using event = Event()
        const model = new EventModel()
        await follow({ event }, model, steps, () => expect(Number(event.isSet)).to.equal(model.isSet))
      }),
      settings(15),
    ))
})
