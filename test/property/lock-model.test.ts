/**
 * Random programs of lock operations, spread over processes and threads, against a model of a few lines: who holds the lock, how deep, in what
 * way, and whether somebody died with it.
 */
import { expect } from 'chai'
import fc from 'fast-check'
import { type Handle, Lock, RLock } from '../../lib/index.js'
import { type ArgumentsOf, type OperationName, operations, type ResultOf } from '../fixtures/actor-operations.js'
import { Actor, type RemoteLock } from '../helpers/actor.js'
import { idle } from '../helpers/deferred.js'
import { codeRejected } from '../helpers/errors.js'
import { collectOwnerDied } from '../helpers/warnings.js'

/** A party's lock, here or elsewhere. */
interface Party {
  call<K extends OperationName>(operation: K, ...args: ArgumentsOf<K>): Promise<ResultOf<K>>
}

/** This thread as a party. */
function here(handle: Handle): Party {
  const index = operations.attach(0, handle)
  return {
    call: async <K extends OperationName>(operation: K, ...args: ArgumentsOf<K>) => {
      const run = operations[operation] as (index: number, ...args: unknown[]) => ResultOf<K>
      return run(index, ...args)
    },
  }
}

const kinds = ['process', 'process', 'worker'] as const

class Model {
  readonly recursive: boolean
  holder: { party: number; how: 'thread' | 'bare flow' | 'flow'; depth: number } | undefined
  /** Somebody died with it and nobody has released it since. */
  dead = false

  constructor(recursive: boolean) {
    this.recursive = recursive
  }

  /** A synchronous try: taken, refused, or a dead end for one that would wait. */
  try(party: number): 'taken' | 'busy' | 'deadlock' {
    const { holder } = this
    if (holder === undefined) {
      this.holder = { party, how: 'thread', depth: 1 }
      return 'taken'
    }
    if (holder.party !== party) return 'busy'
    if (holder.how !== 'thread' || !this.recursive) return 'deadlock'
    holder.depth++
    return 'taken'
  }

  tryFlow(party: number, how: 'bare flow' | 'flow'): boolean {
    if (this.holder !== undefined) return false
    this.holder = { party, how, depth: 1 }
    return true
  }

  /** Whether it was the party's to release. From outside of a flow, what the flow holds is not. */
  release(party: number): boolean {
    if (this.holder?.party !== party || this.holder.how === 'flow') return false
    if (--this.holder.depth === 0) this.free()
    return true
  }

  free(): void {
    this.holder = undefined
    this.dead = false
  }

  die(party: number): void {
    if (this.holder?.party !== party) return
    this.holder = undefined
    this.dead = true
  }
}

type Step = { readonly party: number } & (
  | { readonly do: 'tryAcquire' | 'acquire' | 'acquireFor' | 'tryAsync' | 'holdInFlow' | 'endFlow' | 'release' | 'look' | 'reopen' }
  | { readonly do: 'die' | 'exit' }
)

const outcome = (call: Promise<unknown>) => call.catch((error: { code: string }) => error.code)

describe('random programs of lock operations', () => {
  let actors: Actor[]
  let warnings: ReturnType<typeof collectOwnerDied>
  before(() => {
    warnings = collectOwnerDied()
    actors = kinds.map((kind) => new Actor(kind))
  })
  after(async () => {
    await warnings.stop()
    await Promise.all(actors.map((actor) => actor.kill()))
  })

  /** One step, in the model and in truth. */
  async function take(step: Step, model: Model, parties: Party[], handle: Handle): Promise<void> {
    const { party } = step
    const there = parties[party] as Party
    switch (step.do) {
      case 'tryAcquire':
        expect(await there.call('tryAcquire')).to.equal(model.try(party) === 'taken')
        break
      case 'acquireFor':
      case 'acquire': {
        // Without a time-out it may only be called where it returns.
        const limit = step.do === 'acquireFor' || (model.holder !== undefined && model.holder.party !== party) ? [1] : []
        const expected = { taken: true, busy: false, deadlock: 'ERR_DEADLOCK' }[model.try(party)]
        expect(await outcome(there.call('acquire', ...limit))).to.equal(expected)
        break
      }
      case 'tryAsync':
        expect(await there.call('acquireAsync', 0)).to.equal(model.tryFlow(party, 'bare flow'))
        break
      case 'holdInFlow':
        if (model.tryFlow(party, 'flow')) await there.call('holdInFlow')
        break
      case 'endFlow':
        if (model.holder?.party !== party || model.holder.how !== 'flow') break
        await there.call('endFlow')
        model.free()
        break
      case 'release':
        expect(await outcome(there.call('release'))).to.equal(model.release(party) ? undefined : 'ERR_NOT_OWNER')
        break
      case 'look': {
        expect(await there.call('locked')).to.equal(model.holder !== undefined)
        expect(await there.call('ownerDied')).to.equal(model.holder?.party === party && model.dead)
        const owner = await there.call('owner')
        const holder = model.holder === undefined ? undefined : (parties[model.holder.party] as Party)
        expect(owner?.pid).to.equal((await holder?.call('whoAmI'))?.pid)
        break
      }
      case 'reopen':
        if (model.holder?.party === party) expect(await codeRejected(there.call('close'))).to.equal('ERR_DEADLOCK')
        else {
          await there.call('close')
          expect(await codeRejected(there.call('tryAcquire'))).to.equal('ERR_CLOSED')
          parties[party] = party === 0 ? here(handle) : await (actors[party - 1] as Actor).open(handle)
        }
        break
      default: {
        if (party === 0) break // that is us
        await (actors[party - 1] as Actor)[step.do === 'die' ? 'kill' : 'exit']()
        model.die(party)
        actors[party - 1] = new Actor(kinds[party - 1] as (typeof kinds)[number])
        parties[party] = await (actors[party - 1] as Actor).open(handle)
      }
    }
  }

  const step = fc.record({
    party: fc.nat(kinds.length),
    do: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('tryAcquire', 'acquire', 'acquireFor', 'tryAsync', 'holdInFlow') },
      { weight: 8, arbitrary: fc.constantFrom('release', 'release', 'endFlow') },
      { weight: 4, arbitrary: fc.constantFrom('look', 'reopen') },
      { weight: 1, arbitrary: fc.constantFrom('die', 'exit') },
    ),
  }) as fc.Arbitrary<Step>

  for (const recursive of [false, true]) {
    it(`do what the model does: ${recursive ? 'RLock' : 'Lock'}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (program) => {
          const lock = recursive ? RLock() : Lock()
          const handle = lock.toJSON()
          const model = new Model(recursive)
          const parties: Party[] = [here(handle), ...(await Promise.all(actors.map((actor): Promise<RemoteLock> => actor.open(handle))))]
          for (const each of program) await take(each, model, parties, handle)
          // In the end whoever holds it lets go, and everybody closes.
          if (model.holder?.how === 'flow') await take({ do: 'endFlow', party: model.holder.party }, model, parties, handle)
          while (model.holder !== undefined) await take({ do: 'release', party: model.holder.party }, model, parties, handle)
          await idle()
          expect(lock.withLock(() => lock.ownerDied)).to.equal(model.dead)
          await Promise.all(parties.map((each) => each.call('close')))
          lock.close()
        }),
        { numRuns: 60, ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }) },
      )
    })
  }
})
