/** A race of functions, in one of its processes. */
import { SharedCTypesError } from '../errors.js'
import { loadTarget } from '../process/target.js'
import type { Operation } from './history.js'
import { asIs, Recorder } from './recorder.js'
import { type RaceWords, StartingLine } from './starting-line.js'

let recorder: Recorder | undefined

/** What a process did in one round. */
export interface Part {
  readonly result: unknown
  readonly operations: readonly Operation[]
}

export interface Place {
  readonly number: number
  readonly processes: number
}

export async function runRounds(
  { module, target }: { readonly module: string; readonly target: string },
  { number, processes }: Place,
  words: RaceWords,
  rounds: readonly (readonly unknown[])[],
): Promise<Part[]> {
  const run = await loadTarget(module, target)
  const line = new StartingLine(words, number, processes)
  recorder = new Recorder(line, number)
  const parts: Part[] = []
  for (const [round, args] of rounds.entries()) {
    line.note(round, 0)
    line.cross()
    const result = await run(...args)
    parts.push({ result, operations: recorder.take() })
  }
  return parts
}

/**
 * Writes an operation into the history of the race that this process runs in: when it began, when it ended, what it gave or threw.
 *
 * @param name - for the model
 * @param args - of the operation: for the model, and given to `run`
 * @returns what `run` returns; a promise is written down when it settles, and has to be awaited before the target returns
 * @throws what `run` throws; ERR_INVALID_STATE outside of a race; DataCloneError for arguments that can't be cloned
 * @example record('add', [1], (n) => counter.add(n))
 */
export function record<Args extends unknown[], T>(name: string, args: [...Args], run: (...args: NoInfer<Args>) => T): T {
  if (recorder === undefined) throw new SharedCTypesError('ERR_INVALID_STATE', `'${name}' can't be recorded: no race runs in this process`)
  // A copy: `run` may change what it is given.
  return recorder.perform(name, args.map(asIs), () => run(...args))
}
