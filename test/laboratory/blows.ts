/** How blows fall: at a random moment, or inside native code. */
import type { Bench } from './bench.js'
import type { Member } from './crew.js'
import type { Debugger, Stand } from './debugger.js'
import type { Blow } from './program.js'
import { pause } from './subject.js'

/** How many functions are tried before a blow falls at a random moment after all. */
const ATTEMPTS = 3
/** Who does not come on is struck where it is. */
const LOOKS = 30
/** How long others go on while one stands still, in turns of the event loop of 1 ms. */
const STANDING = 15

/** Where a blow fell. */
export interface Struck {
  /** As the table says it. */
  readonly row: string
  readonly killed: boolean
  readonly stand: Stand | undefined
}

async function randomMoment(bench: Bench, victim: Member, { after, turns }: Blow): Promise<void> {
  const goal = victim.progress + after
  for (let looks = 0; victim.progress < goal && looks < LOOKS; looks++) await pause()
  for (let i = 0; i < turns; i++) Atomics.load(bench.board.words, 0)
}

async function standStill(): Promise<void> {
  for (let i = 0; i < STANDING; i++) await pause()
}

async function strikeAnywhere(bench: Bench, victim: Member, blow: Blow): Promise<Struck> {
  await randomMoment(bench, victim, blow)
  const killed = blow.kind !== 'stop'
  if (blow.kind !== 'kill') {
    victim.signal('SIGSTOP')
    await standStill()
  }
  const row = bench.rowOf(victim)
  if (killed) await victim.kill()
  else victim.signal('SIGCONT')
  return { row: killed ? bench.rowOf(victim) : row, killed, stand: undefined }
}

async function strikeInside(bench: Bench, victim: Member, blow: Blow, gdb: Debugger): Promise<Struck | undefined> {
  const functions = gdb.known(victim.role.functions)
  if (blow.native === null || functions.length === 0) return undefined
  for (let i = 0; i < ATTEMPTS; i++) {
    const name = functions[(blow.native.choice + i) % functions.length] as string
    const stand = await gdb.strike(victim.pid, name, blow.native.steps)
    if (stand === undefined) continue
    if (blow.kind !== 'kill') await standStill()
    const row = bench.rowOf(victim)
    if (blow.kind === 'stop') {
      await gdb.go()
      return { row, killed: false, stand }
    }
    victim.doom()
    await gdb.kill()
    await victim.dead
    return { row, killed: true, stand }
  }
  return undefined
}

export async function strike(bench: Bench, victim: Member, blow: Blow, gdb: Debugger | undefined): Promise<Struck> {
  await bench.reach(() => victim.ready, `${victim.name} ${victim.slot} is ready`)
  const inside = gdb === undefined ? undefined : await strikeInside(bench, victim, blow, gdb)
  return inside ?? strikeAnywhere(bench, victim, blow)
}
