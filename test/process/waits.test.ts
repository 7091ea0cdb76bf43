/** The contract of waits, kept by everything that one can wait on. */
import { Actor, type Kind } from '../helpers/actor.js'
import { waitContract } from './wait-contract.js'

describe('waits', () => {
  const parties = {} as Record<Kind, [Actor, Actor, Actor, Actor]>
  before(() => {
    for (const kind of ['process', 'worker'] as const) parties[kind] = [new Actor(kind), new Actor(kind), new Actor(kind), new Actor(kind)]
  })
  after(() => Promise.all(Object.values(parties).flatMap((actors) => actors.map((actor) => actor.kill()))))
  waitContract((kind) => parties[kind])
})
