/** Random programs of asynchronous flows of one thread against a model: one line, whose first has the lock. */
import { expect } from 'chai'
import fc from 'fast-check'
import { Lock, RLock } from '../../lib/index.js'
import { deferred, idle } from '../helpers/deferred.js'

type Step =
  | { readonly do: 'arrive'; readonly bare: boolean }
  | { readonly do: 'end' | 'trySync' | 'holdSync' | 'nest' }
  | { readonly do: 'abort'; readonly which: number }

/** A flow that wants the lock, has it, or had it. */
class Flow {
  readonly controller = new AbortController()
  readonly #bare: boolean
  readonly #lock: Lock
  state: 'waiting' | 'inside' | 'done' | 'aborted' = 'waiting'
  /** What the flow is to do while it is inside; undefined: to end. */
  readonly #orders: ((() => Promise<void>) | undefined)[] = []
  #ordered = deferred()

  constructor(lock: Lock, bare: boolean) {
    this.#lock = lock
    this.#bare = bare
    const { signal } = this.controller
    const inside = () => this.#live()
    const run = bare ? lock.acquireAsync({ signal }).then(inside) : lock.withLockAsync(inside, { signal })
    run.then(
      () => {
        if (bare) lock.release()
        this.state = 'done'
      },
      () => {
        this.state = 'aborted'
      },
    )
  }

  async #live(): Promise<void> {
    this.state = 'inside'
    for (;;) {
      while (this.#orders.length === 0) {
        this.#ordered = deferred()
        await this.#ordered.promise
      }
      const act = this.#orders.shift()
      if (act === undefined) return
      await act()
    }
  }

  #order(act: (() => Promise<void>) | undefined): void {
    this.#orders.push(act)
    this.#ordered.resolve()
  }

  end(): void {
    this.#order(undefined)
  }

  /** Asks for the lock once more from inside. Gives what that led to. */
  nest(): Promise<string> {
    const answer = deferred<string>()
    this.#order(async () => {
      const inner = this.#bare ? this.#lock.withLockAsync(() => 'entered', { timeout: 0 }) : this.#lock.withLockAsync(() => 'entered')
      answer.resolve(await inner.catch((error: { code: string }) => error.code))
    })
    return answer.promise
  }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('arrive' as const), bare: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'end' as const, 'trySync' as const, 'holdSync' as const, 'nest' as const) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(9) }) },
)

describe('random programs of flows', () => {
  for (const recursive of [false, true]) {
    it(`are served in order of arrival, each once: ${recursive ? 'RLock' : 'Lock'}`, async () => {
      /** Several steps in one turn, then a look. */
      const turns = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 3, maxLength: 15 })
      await fc.assert(
        fc.asyncProperty(turns, async (program) => {
          const lock = recursive ? RLock() : Lock()
          const all: Flow[] = []
          /** Those that have not ended, in order of arrival: the first has the lock at the end of each turn. */
          let line: Flow[] = []
          const bare = new WeakSet<Flow>()
          for (const turn of program) {
            let ending = false // one end a turn: the next in line is not inside before the turn is over
            for (const each of turn) {
              const [first] = line
              switch (each.do) {
                case 'arrive': {
                  const flow = new Flow(lock, each.bare)
                  if (each.bare) bare.add(flow)
                  all.push(flow)
                  line.push(flow)
                  break
                }
                case 'end':
                  if (ending || first?.state !== 'inside') break
                  ending = true
                  first.end()
                  line = line.slice(1)
                  break
                case 'abort': {
                  const flow = line[each.which]
                  flow?.controller.abort()
                  // Too late for one that has the lock.
                  if (each.which > 0 || ending) line = line.filter((other) => other !== flow)
                  break
                }
                case 'trySync':
                case 'holdSync':
                  if (first !== undefined || ending) {
                    if (!ending) expect(lock.tryAcquire()).to.equal(false)
                    break
                  }
                  expect(each.do === 'trySync' ? lock.tryAcquire() : lock.acquire()).to.equal(true)
                  lock.release()
                  break
                case 'nest': {
                  if (ending || first?.state !== 'inside') break
                  const expected = bare.has(first) ? 'ERR_TIMEOUT' : recursive ? 'entered' : 'ERR_DEADLOCK'
                  expect(await first.nest()).to.equal(expected)
                }
              }
            }
            await idle()
            expect(line.map(({ state }) => state)).to.deep.equal(line.map((_, i) => (i === 0 ? 'inside' : 'waiting')))
            expect(all.filter(({ state }) => state === 'inside')).to.have.length(line.length === 0 ? 0 : 1)
            expect(lock.locked).to.equal(line.length > 0)
          }
          for (; line.length > 0; line = line.slice(1)) {
            expect(line[0]?.state).to.equal('inside')
            line[0]?.end()
            await idle()
          }
          expect(all.every(({ state }) => state === 'done' || state === 'aborted')).to.equal(true)
          expect(lock.locked).to.equal(false)
          lock.close()
        }),
        { numRuns: 300, ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }) },
      )
    })
  }
})
