/** What everything must do that one can wait on: run for each kind of it by waits.test.ts. */
import type { Actor, Kind } from '../helpers/actor.js'
import { endingContract } from './wait-contract-endings.js'
import { keepAliveContract } from './wait-contract-keep-alive.js'
import { othersContract } from './wait-contract-others.js'
import { wakingContract } from './wait-contract-waking.js'
import { barrier, type Made, subjects, type WaitSubject } from './wait-subject.js'

/** What each part of the contract gets: the one made for the running test. */
export interface Fixture {
  current(): Made
}

/** Parties that all tests share: four processes and four threads. */
export type Parties = (kind: Kind) => readonly [Actor, Actor, Actor, Actor]

function fixtureOf(subject: Pick<WaitSubject, 'make'>): Fixture {
  let made: Made
  beforeEach(() => {
    made = subject.make()
  })
  afterEach(() => made.remove())
  return { current: () => made }
}

export function waitContract(parties: Parties): void {
  for (const subject of subjects) {
    describe(subject.title, () => {
      const fixture = fixtureOf(subject)
      wakingContract(subject, fixture)
      endingContract(fixture)
      if (!/named/.test(subject.title)) keepAliveContract(fixture)
      for (const kind of ['process', 'worker'] as const) othersContract(subject, fixture, kind, parties)
    })
  }

  describe(barrier.title, () => {
    const fixture = fixtureOf(barrier)
    endingContract(fixture)
    keepAliveContract(fixture)
  })
}
