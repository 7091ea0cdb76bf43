/** Runs programs when told to, one after the other, in a process of its own: what it does may end it. */
import { Value } from '../../lib/index.js'
import type { Struck } from './blows.js'
import { Crew } from './crew.js'
import { Debugger } from './debugger.js'
import type { Program } from './program.js'
import { run } from './run.js'
import type { Fault } from './subject.js'

export interface Order {
  readonly program: Program
  readonly hangMs: number
}
export interface Outcome {
  readonly struck: readonly Struck[]
  readonly others: Readonly<Record<string, number>>
  readonly finding?: { readonly fault: Fault; readonly message: string }
  /** Why no blow falls inside native code; absent: they do. */
  readonly without?: string
}

const SPARES = 3
/** Room for all that programs have in arenas: they do not grow from then on, and if they do, something is not given back. */
const ROOM = 4000

const values = Array.from({ length: ROOM }, () => Value('c_int', 0))
for (const value of values) value.close()

const gdb = Debugger.start()
const crew = new Crew(SPARES)

async function outcomeOf({ program, hangMs }: Order): Promise<Outcome> {
  const { struck, others, finding } = await run(program, { crew, gdb: typeof gdb === 'string' ? undefined : gdb, hangMs })
  const without = typeof gdb === 'string' ? gdb : gdb.refused
  return {
    struck,
    others,
    ...(finding && { finding: { fault: finding.fault, message: finding.message } }),
    ...(without !== undefined && { without }),
  }
}

process.on('message', async (message) => {
  const failed = (error: unknown): Outcome => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { struck: [], others: {}, finding: { fault: 'broken rule', message: `in the process of the laboratory: ${text}` } }
  }
  process.send?.(await outcomeOf(message as Order).catch(failed))
})
process.on('disconnect', async () => {
  await crew.end()
  if (typeof gdb !== 'string') await gdb.end()
  process.exit()
})
process.send?.('ready')
