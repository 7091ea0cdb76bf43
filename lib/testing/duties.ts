/** What a process of a race can be told to do. */
import { callCommand, closeSession, findSpecification, openSession, runRepetitions } from './crew-duties.js'
import { runRounds } from './race-duties.js'

const duties = { callCommand, closeSession, findSpecification, openSession, runRepetitions, runRounds }
type Duties = typeof duties
export type Duty = keyof Duties
export type ArgsOf<D extends Duty> = Parameters<Duties[D]>
export type ResultOf<D extends Duty> = Awaited<ReturnType<Duties[D]>>

export function callDuty(duty: string, args: readonly unknown[]): unknown {
  return (duties[duty as Duty] as (...args: readonly unknown[]) => unknown)(...args)
}
