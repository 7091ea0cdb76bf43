/** A process of a program: does its steps in a loop until it is killed. Waits for its orders first, so that starting it costs nobody time. */
import { readSync } from 'node:fs'
import { setPriority } from 'node:os'
import { attach, type Handle } from '../../lib/index.js'
import { Board, Column, Shared } from './board.js'
import { type Desk, Phase, pause, type Step } from './subject.js'
import { loadSubject } from './subjects.js'

export interface Orders {
  readonly primitive: string
  readonly variant: string
  readonly role: string
  readonly slot: number
  readonly steps: readonly Step[]
  readonly board: Handle
  readonly handles: Readonly<Record<string, Handle | string>>
}

const parent = process.ppid
const NICE = 5

function readOrders(): Orders {
  let text = ''
  for (const bytes = Buffer.alloc(65_536); !text.endsWith('\n'); ) {
    const count = readSync(0, bytes)
    if (count === 0) process.exit() // nobody needs us
    text += bytes.toString('utf8', 0, count)
  }
  return JSON.parse(text) as Orders
}

const { primitive, variant, role, slot, steps, handles, ...orders } = readOrders()
// Whoever starts goes first, or all the time goes into the work of those that never rest.
setPriority(NICE)
const board = Board.attach(orders.board)
board.set(slot, Column.pid, process.pid)
const subject = await loadSubject(primitive)
const bit = 1 << Object.keys(subject.roles).indexOf(role)
const patient = () => (Atomics.load(board.words, Shared.patient) & bit) !== 0
const gated = () => (Atomics.load(board.words, Shared.gate) & bit) !== 0

const desk: Desk = {
  slot,
  board,
  variant,
  open: <T>(name: string) => attach<T>(handles[name] as Handle),
  given: (name) => handles[name] as Handle | string,
  phase: (phase) => board.set(slot, Column.phase, phase),
  limit: ({ timeout }) => (timeout === null || patient() ? undefined : timeout),
  get patient() {
    return patient()
  },
}

/** Says for which closing of the gate it stands there: what it said of an earlier one counts for nothing. */
async function waitAtGate(): Promise<void> {
  while (gated()) {
    board.set(slot, Column.gated, Atomics.load(board.words, Shared.closings))
    await pause()
  }
}

const operations = await subject.join(desk, role)
board.set(slot, Column.ready, 1)
for (let i = 0; ; i = (i + 1) % steps.length) {
  if (process.ppid !== parent) process.exit() // killed, so nobody looks after us
  if (gated()) await waitAtGate()
  board.set(slot, Column.step, i)
  const step = steps[i] as Step
  await operations[step.operation]?.(step)
  desk.phase(Phase.between)
  board.add(slot, Column.progress)
}
