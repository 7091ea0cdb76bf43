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
}
export interface Greeting {
  /** Why no blow falls inside native code; undefined: they do. */
  readonly without: string | undefined
}

const SPARES = 3
/** Room for all that programs have in arenas: they do not grow from then on, and if they do, something is not given back. */
const ROOM = 4000

const values = Array.from({ length: ROOM }, () => Value('c_int', 0))
for (const value of values) value.close()

const gdb = Debugger.start()
const crew = new Crew(SPARES)

process.on('message', async (message) => {
  const { program, hangMs } = message as Order
  const { struck, others, finding } = await run(program, { crew, gdb: typeof gdb === 'string' ? undefined : gdb, hangMs })
  const outcome: Outcome = { struck, others, ...(finding && { finding: { fault: finding.fault, message: finding.message } }) }
  process.send?.(outcome)
})
process.on('disconnect', async () => {
  await crew.end()
  if (typeof gdb !== 'string') await gdb.end()
  process.exit()
})
process.send?.({ without: typeof gdb === 'string' ? gdb : undefined } satisfies Greeting)
