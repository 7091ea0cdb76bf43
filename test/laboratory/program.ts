/** Random programs, as plain data. */
import fc from 'fast-check'
import type { Step, Subject } from './subject.js'
import { loadSubject } from './subjects.js'

export interface PartyPlan {
  readonly role: string
  readonly steps: readonly Step[]
}

/** Something that befalls a party. */
export interface Blow {
  /** Which, counted among those that live. */
  readonly victim: number
  readonly kind: 'kill' | 'stop' | 'stop and kill'
  /** So many operations later; then so many turns of a loop. */
  readonly after: number
  readonly turns: number
  /** Inside native code: a function of those of its role, and so many instructions behind its entry. Null: wherever it is. */
  readonly native: { readonly choice: number; readonly steps: number } | null
}

export interface Program {
  readonly primitive: string
  readonly variant: string
  readonly parties: readonly PartyPlan[]
  readonly blows: readonly Blow[]
}

const timeouts = fc.constantFrom<Step['timeout']>(null, null, 0, 1, 5)

function stepsOf(operations: readonly string[]): fc.Arbitrary<Step[]> {
  const step = fc.record<Step>({
    operation: fc.constantFrom(...operations),
    how: fc.constantFrom('sync', 'async'),
    timeout: timeouts,
    work: fc.nat(3000),
    n: fc.integer({ min: 1, max: 3 }),
  })
  return fc.array(step, { minLength: 1, maxLength: 5 })
}

const blow: fc.Arbitrary<Blow> = fc.record({
  victim: fc.nat(3),
  kind: fc.constantFrom<Blow['kind']>('kill', 'kill', 'kill', 'kill', 'kill', 'stop', 'stop and kill'),
  after: fc.nat(6),
  turns: fc.nat(20_000),
  native: fc.option(fc.record({ choice: fc.nat(31), steps: fc.oneof(fc.nat(60), fc.nat(400)) }), { freq: 3 }),
})

function partiesOf({ roles, least, most }: Subject): fc.Arbitrary<PartyPlan[]> {
  const party = (role: string) => stepsOf(roles[role]?.operations ?? []).map((steps) => ({ role, steps }))
  const more = fc.constantFrom(...Object.keys(roles)).chain(party)
  return fc
    .tuple(fc.tuple(...least.map(party)), fc.array(more, { maxLength: most - least.length }))
    .map(([first, others]) => [...first, ...others])
}

/** Programs for one primitive. */
export async function programs(primitive: string, mostBlows = 10): Promise<fc.Arbitrary<Program>> {
  const subject = await loadSubject(primitive)
  // Blows first: what is made smaller first makes all later attempts shorter.
  return fc.record({
    blows: fc.array(blow, { minLength: 1, maxLength: mostBlows, size: 'max' }),
    parties: partiesOf(subject),
    variant: fc.constantFrom(...subject.variants),
    primitive: fc.constant(primitive),
  })
}
