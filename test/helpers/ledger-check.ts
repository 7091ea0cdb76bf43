/** What must be true of a ledger whenever it is mended. Apart from it, so that victims start without chai. */
import { expect } from 'chai'
import type { Ledger } from './ledger.js'

/** Under the lock, mended: no committed increment is lost, and none is there twice. */
export function checkLedger(ledger: Ledger, deadSlot: number): void {
  const { acks, commits, counter, tally } = ledger
  let sum = 0
  for (let i = 0; i < commits.length; i++) {
    const acknowledged = Atomics.load(acks, i) // first: its victim goes on
    const committed = Atomics.load(commits, i)
    expect(committed, `commits of victim ${i}`).to.be.at.least(acknowledged)
    sum += committed
  }
  expect(counter, 'the counter').to.equal(sum)
  // It was killed between two acknowledgements: at most one increment is not acknowledged.
  expect(Atomics.load(commits, deadSlot) - Atomics.load(acks, deadSlot), `what victim ${deadSlot} had under way`).to.be.oneOf([0, 1])
  expect(tally).to.include({ untold: 0, mistaken: 0 })
}
