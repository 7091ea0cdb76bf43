/** Random programs of asynchronous flows of one thread against a model: one line, whose first has the lock. */
import { expect } from 'chai'
import fc from 'fast-check'
import { Lock, RLock } from '../../lib/index.js'
import { deferred, idle } from '../helpers/deferred.js'

type Step =
  | { readonly do: 'arrive'; readonly bare: boolean }
  | { readonly do: 'end' | 'release' | 'trySync' | 'nest' }
  | { readonly do: 'abort'; readonly which: number }

/** A flow that wants the lock, has it, or had it. */
class Flow {
  readonly controller = new AbortController()
  readonly bare: boolean
  readonly #lock: Lock
  state: 'waiting' | 'inside' | 'done' | 'aborted' = 'waiting'
  /** What the flow is to do while it is inside; undefined: to end. */
  readonly #orders: ((() => Promise<void>) | undefined)[] = []
  #ordered = deferred()
  #released = false

  constructor(lock: Lock, bare: boolean) {
    this.#lock = lock
    this.bare = bare
    const { signal } = this.controller
    const inside = () => this.#live()
    const run = bare ? lock.acquireAsync({ signal }).then(inside) : lock.withLockAsync(inside, { signal })
    run.then(
      () => {
        if (bare && !this.#released) lock.release()
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

  /** Lets it end, a few microtasks later. */
  end(): void {
    this.#order(undefined)
  }

  /** Releases the lock of a bare flow at once. */
  release(): void {
    this.#released = true
    this.#lock.release()
    this.end()
  }

  /** Asks for the lock once more from inside. Gives what that led to. */
  nest(): Promise<string> {
    const answer = deferred<string>()
    this.#order(async () => {
      const inner = this.bare ? this.#lock.withLockAsync(() => 'entered', { timeout: 0 }) : this.#lock.withLockAsync(() => 'entered')
      answer.resolve(await inner.catch((error: { code: string }) => error.code))
    })
    return answer.promise
  }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('arrive' as const), bare: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'release' as const, 'trySync' as const, 'nest' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(5) }) },
)

/** The flows of one lock, in truth and as they should be. */
class Program {
  readonly #lock: Lock
  readonly #recursive: boolean
  readonly #all: Flow[] = []
  /** Those that have not ended, in order of arrival. */
  #line: Flow[] = []
  /** Which of them has the lock; at the end of each turn it is the first. */
  #holder: Flow | undefined
  /** The holder is about to let go, and has not yet. */
  #ending = false

  constructor(lock: Lock, recursive: boolean) {
    this.#lock = lock
    this.#recursive = recursive
  }

  async take(step: Step): Promise<void> {
    const holder = this.#holder
    const inside = holder?.state === 'inside'
    switch (step.do) {
      case 'arrive': {
        const flow = new Flow(this.#lock, step.bare)
        if (this.#line.length === 0 && !this.#ending) this.#holder = flow
        this.#all.push(flow)
        this.#line.push(flow)
        break
      }
      case 'end':
        if (!inside) break
        holder.end()
        this.#ending = true
        this.#leave(holder)
        break
      case 'release':
        if (!inside || !holder.bare) break
        holder.release()
        this.#leave(holder)
        break
      case 'abort': {
        const flow = this.#line[step.which]
        flow?.controller.abort()
        if (flow !== holder) this.#line = this.#line.filter((other) => other !== flow)
        break
      }
      case 'trySync': {
        if (this.#ending) break
        // Who does not wait may pass those in line, in the moment in which nobody has it.
        const taken = this.#lock.tryAcquire()
        expect(taken).to.equal(holder === undefined)
        if (taken) this.#lock.release()
        break
      }
      case 'nest':
        if (inside && this.#line[0] === holder)
          expect(await holder.nest()).to.equal(holder.bare ? 'ERR_TIMEOUT' : this.#recursive ? 'entered' : 'ERR_DEADLOCK')
    }
  }

  #leave(holder: Flow): void {
    this.#line = this.#line.filter((other) => other !== holder)
    this.#holder = undefined
  }

  /** The end of a turn: everything that can go on has done so. */
  async look(): Promise<void> {
    await idle()
    this.#ending = false
    this.#holder = this.#line[0]
    expect(this.#line.map(({ state }) => state)).to.deep.equal(this.#line.map((_, i) => (i === 0 ? 'inside' : 'waiting')))
    expect(this.#all.filter(({ state }) => state === 'inside')).to.have.length(Math.min(this.#line.length, 1))
    expect(this.#lock.locked).to.equal(this.#line.length > 0)
  }

  async finish(): Promise<void> {
    while (this.#line.length > 0) {
      await this.take({ do: 'end' })
      await this.look()
    }
    for (const { state } of this.#all) expect(state).to.be.oneOf(['done', 'aborted'])
  }
}

describe('random programs of flows', () => {
  for (const recursive of [false, true]) {
    it(`are served in order of arrival, each once: ${recursive ? 'RLock' : 'Lock'}`, async () => {
      /** Several steps in one turn of the event loop, then a look. */
      const turns = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 3, maxLength: 15 })
      await fc.assert(
        fc.asyncProperty(turns, async (steps) => {
          const lock = recursive ? RLock() : Lock()
          const program = new Program(lock, recursive)
          for (const turn of steps) {
            for (const each of turn) {
              if (each.do === 'nest') await program.look() // it takes a few microtasks
              await program.take(each)
            }
            await program.look()
          }
          await program.finish()
          lock.close()
        }),
        { numRuns: 500, ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }) },
      )
    })
  }
})
