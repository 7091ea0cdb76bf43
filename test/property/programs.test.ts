/**
 * Random programs over several processes, blocking and asynchronous, with and without time-outs: never more holders than permits, readers and a writer
 * never together, barriers in lockstep, no wake-up lost and none invented.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { Barrier, Condition, Event, Lock, RawArray, RWLock, Semaphore, type SharedObject, Value } from '../../lib/index.js'
import { COUNTERS, type Program, type Step, type Tally } from '../fixtures/programs.js'
import { Party } from '../helpers/parties.js'
import { settings } from '../helpers/runs.js'

const PARTIES = 3

/** How a step waits. Short time-outs end many waits at the very moment when somebody wakes them. */
const step = fc.record({
  how: fc.constantFrom('sync' as const, 'async' as const),
  timeout: fc.constantFrom(null, null, 0, 1, 2, 5),
  work: fc.integer({ min: 0, max: 2000 }),
})
const patient = step.map((each): Step => ({ ...each, timeout: null }))
const programsOf = <T>(each: fc.Arbitrary<T>, maxLength = 60) =>
  fc.array(fc.array(each, { minLength: 1, maxLength }), { minLength: PARTIES, maxLength: PARTIES })
const sum = (tallies: readonly Tally[], what: keyof Tally) => tallies.reduce((total, each) => total + each[what], 0)

describe('random programs over several processes', () => {
  let parties: Party[]
  before(() => {
    parties = Array.from({ length: PARTIES }, () => new Party())
  })
  after(() => Promise.all(parties.map((party) => party.end())))

  /** Runs one program in each party, at the same time. */
  async function together(objects: Record<string, SharedObject>, programs: readonly Program[]): Promise<Tally[]> {
    return Promise.all(programs.map((program, i) => (parties[i] as Party).run(objects, program)))
  }
  const counters = () => RawArray('c_int', 16)

  it('a Semaphore: never more inside than permits, and all free at the end', () =>
    fc.assert(
      fc.asyncProperty(programsOf(step), fc.integer({ min: 1, max: 2 }), async (steps, permits) => {
        using semaphore = Semaphore(permits)
        using shared = counters()
        await together(
          { semaphore, counters: shared },
          steps.map((each) => ({ kind: 'permits', steps: each, permits })),
        )
        expect(semaphore.value).to.equal(permits)
        expect(shared[COUNTERS.inside]).to.equal(0)
      }),
      settings(60),
    ))

  it('an RWLock: readers and a writer never together', () =>
    fc.assert(
      fc.asyncProperty(
        programsOf(
          fc
            .tuple(step, fc.constantFrom('read' as const, 'read' as const, 'write' as const, 'downgrade' as const))
            .map(([each, half]) => ({ ...each, half })),
        ),
        async (steps) => {
          using rw = RWLock()
          using shared = counters()
          await together(
            { rw, counters: shared },
            steps.map((each) => ({ kind: 'readersAndWriters', steps: each })),
          )
          expect([rw.read.locked, rw.write.locked, rw.write.tryAcquire()]).to.deep.equal([false, false, true])
          rw.write.release()
        },
      ),
      settings(60),
    ))

  it('a Barrier: all in lockstep, and each index once a round', () =>
    fc.assert(
      fc.asyncProperty(programsOf(patient, 40), async (steps) => {
        const length = Math.min(...steps.map((each) => each.length))
        using barrier = Barrier(PARTIES)
        using shared = counters()
        const tallies = await together(
          { barrier, counters: shared },
          steps.map((each, party) => ({ kind: 'rounds', steps: each.slice(0, length), party, parties: PARTIES })),
        )
        expect(sum(tallies, 'woken')).to.equal((length * PARTIES * (PARTIES - 1)) / 2)
        expect([barrier.nWaiting, barrier.broken]).to.deep.equal([0, false])
      }),
      settings(60),
    ))

  const wakings = fc.record({
    steps: fc.array(fc.array(step, { minLength: 1, maxLength: 30 }), { minLength: PARTIES - 1, maxLength: PARTIES - 1 }),
    counts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
  })
  for (const on of ['condition', 'word'] as const) {
    it(`${on === 'word' ? 'a Value' : 'a Condition'}: as many waits end woken as notify said, whatever runs out of time meanwhile`, () =>
      fc.assert(
        fc.asyncProperty(wakings, fc.boolean(), async ({ steps, counts }, recursive) => {
          using condition = recursive ? Condition() : Condition(Lock())
          using word = Value('c_int', 0)
          using shared = counters()
          const tallies = await together({ condition, word, counters: shared }, [
            ...steps.map((each): Program => ({ kind: 'sleepers', steps: each, on })),
            { kind: 'wakers', counts, on, sleepers: steps.length },
          ])
          expect(sum(tallies, 'woken')).to.equal(sum(tallies, 'got'))
        }),
        settings(60),
      ))
  }

  it('an Event: every wait in line is over with true when it is set and cleared at once', () =>
    fc.assert(
      fc.asyncProperty(programsOf(step, 20), async (steps) => {
        using event = Event()
        using shared = counters()
        const done = together(
          { event, counters: shared },
          steps.map((each) => ({ kind: 'pulses', steps: each })),
        )
        while (Atomics.load(shared, COUNTERS.done) < PARTIES) {
          event.set()
          event.clear()
          await new Promise((resolve) => setImmediate(resolve))
        }
        await done
        expect(event.isSet).to.equal(false)
      }),
      settings(60),
    ))
})
