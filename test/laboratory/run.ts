/** Runs one program: its parties work, the blows fall, and after each of them it is looked whether all is as it must be. */
import { readdirSync, readlinkSync } from 'node:fs'
import { codeOf } from '../../lib/errors.js'
import { attach, type Handle } from '../../lib/index.js'
import { Bench, type Surroundings } from './bench.js'
import { type Struck, strike } from './blows.js'
import type { Member } from './crew.js'
import type { Program } from './program.js'
import { Finding, type Play } from './subject.js'
import { loadSubject } from './subjects.js'

export interface Report {
  readonly struck: readonly Struck[]
  /** Kills besides the blows, by row of the table. */
  readonly others: Readonly<Record<string, number>>
  readonly finding?: Finding
}

/** What a handle says of an object that nobody has open any more. */
const STALE = new Set(['ERR_STALE_HANDLE', 'ENOENT'])

function segmentsHere(): string[] {
  return readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`)
      } catch {
        return '' // the one that readdir itself had open
      }
    })
    .filter((link) => link.startsWith('/dev/shm/') || link.startsWith('/memfd:sharedctypes'))
}

function checkStale(handles: readonly Handle[]): void {
  for (const handle of handles) {
    let alive: { close(): void }
    try {
      alive = attach<{ close(): void }>(handle)
    } catch (error) {
      if (STALE.has(codeOf(error) ?? '')) continue
      throw error
    }
    alive.close()
    throw new Finding('leaked segment', `a ${handle.kind} is there after all who used it have closed it or died`)
  }
}

function checkLeaks(before: { files: string[]; segments: string[] }): void {
  const files = readdirSync('/dev/shm').filter((name) => !before.files.includes(name))
  if (files.length > 0) throw new Finding('leaked segment', `left in /dev/shm: ${files.join(', ')}`)
  const segments = segmentsHere()
  if (segments.length > before.segments.length)
    throw new Finding('leaked segment', `${segments.length} segments are open, ${before.segments.length} before: ${segments.join(', ')}`)
}

async function suffer(bench: Bench, program: Program, play: Play, { gdb }: Surroundings, struck: Struck[]): Promise<void> {
  const { parties, variant, blows } = program
  const plans = new Map<Member, (typeof parties)[number]>()
  for (const plan of parties) plans.set(bench.start(plan, variant, play), plan)
  for (const blow of blows) {
    const victim = bench.members[blow.victim % bench.members.length] as Member
    const result = await strike(bench, victim, blow, gdb)
    struck.push(result)
    if (result.killed) {
      bench.members.splice(bench.members.indexOf(victim), 1)
      const plan = plans.get(victim) as (typeof parties)[number]
      plans.set(bench.start(plan, variant, play), plan)
    }
    await play.verify(result.killed ? victim.slot : undefined)
  }
}

/** The crash of all at once. */
async function killAll(bench: Bench, struck: Struck[]): Promise<void> {
  for (const member of bench.members) await bench.reach(() => member.ready, `${member.name} ${member.slot} is ready`)
  const members = [...bench.members]
  await bench.end()
  for (const member of members) struck.push({ row: bench.rowOf(member), killed: true, stand: undefined })
}

export async function run(program: Program, surroundings: Surroundings): Promise<Report> {
  const struck: Struck[] = []
  const before = { files: readdirSync('/dev/shm'), segments: segmentsHere() }
  const subject = await loadSubject(program.primitive)
  const bench = new Bench(program.primitive, subject, surroundings)
  let play: Play | undefined
  try {
    play = await subject.open(bench, program.variant)
    await suffer(bench, program, play, surroundings, struck)
    await killAll(bench, struck)
    await play.finish()
    const stale = [...play.stale, bench.board.words.toJSON()]
    const others = play.tally?.() ?? {}
    play.close()
    bench.board.words.close()
    checkStale(stale)
    checkLeaks(before)
    return { struck, others }
  } catch (error) {
    if (!(error instanceof Finding)) throw error
    await bench.end()
    return { struck, others: {}, finding: error }
  }
}
