/** Who does what: random schedules of a specification's commands. */
import type FastCheck from 'fast-check'
import { wrongRange, wrongType } from '../check.js'
import type { Step } from './crew-duties.js'
import { shownCall } from './history.js'
import { OBSERVE, type Specification } from './specification.js'

/** Who does what. */
export interface Schedule {
  /** Done by process 0 alone, before the others start. */
  readonly first: readonly Step[]
  /** What each process does, all at the same time. */
  readonly processes: readonly (readonly Step[])[]
}

interface Named {
  commandOf(name: string): unknown
}

/** @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE for a command that the specification does not have */
export function checkStep(step: unknown, what: string, specification: Named): void {
  if (typeof step !== 'object' || step === null) throw wrongType(what, 'an object { name, args }', step)
  const { name, args } = step as Step
  if (!Array.isArray(args)) throw wrongType(`${what}.args`, 'an array', args)
  if (name !== OBSERVE) specification.commandOf(name)
}

function checkSteps(steps: unknown, what: string, specification: Named): void {
  if (!Array.isArray(steps)) throw wrongType(what, 'an array of { name, args }', steps)
  for (const [i, step] of steps.entries()) checkStep(step, `${what}[${i}]`, specification)
}

export function checkSchedule(schedule: unknown, specification: Named, most: number): void {
  if (typeof schedule !== 'object' || schedule === null) throw wrongType('schedule', 'an object { first, processes }', schedule)
  const { first, processes } = schedule as Schedule
  checkSteps(first, 'schedule.first', specification)
  if (!Array.isArray(processes)) throw wrongType('schedule.processes', 'an array', processes)
  if (processes.length > most) throw wrongRange('schedule.processes', `at most ${most}, as many as the crew has`, processes.length)
  for (const [i, steps] of processes.entries()) checkSteps(steps, `schedule.processes[${i}]`, specification)
}

/** A schedule in one line, for fast-check's reports. */
export function shownSchedule({ first, processes }: Schedule): string {
  const list = (steps: readonly Step[]) => steps.map(shownCall).join(', ')
  const together = processes.map(list).join(' ∥ ')
  return first.length === 0 ? together : `first ${list(first)}; then ${together}`
}

export function stepOf<Objects, State>(fc: typeof FastCheck, specification: Specification<Objects, State>): FastCheck.Arbitrary<Step> {
  if (specification.commands.size === 0) throw wrongRange('specification', 'one with commands', 'none')
  const commands = [...specification.commands].map(([name, { args = [] }]) =>
    fc.tuple(...(args as FastCheck.Arbitrary<unknown>[])).map((list): Step => ({ name, args: list })),
  )
  return fc.oneof(...commands)
}

export interface Bounds {
  /** Processes, at most; at least two, if there are. */
  readonly processes: number
  /** Commands of one process. */
  readonly commands: number
  /** Commands before the race. */
  readonly first: number
}

export function scheduleOf(fc: typeof FastCheck, step: FastCheck.Arbitrary<Step>, bounds: Bounds): FastCheck.Arbitrary<Schedule> {
  const { processes, commands, first } = bounds
  // Lanes may be empty, and are left out then: that way any command can go when a schedule is made smaller.
  const lane = fc.array(step, { maxLength: commands, size: 'max' })
  return fc
    .record({
      first: fc.array(step, { maxLength: first, size: 'max' }),
      lanes: fc.array(lane, { minLength: Math.min(2, processes), maxLength: processes, size: 'max' }),
    })
    .filter(({ lanes }) => lanes.some((steps) => steps.length > 0)) // or a run would test nothing, and pass
    .map(({ first, lanes }) => {
      const schedule = { first, processes: lanes.filter((steps) => steps.length > 0) }
      return { ...schedule, [fc.toStringMethod]: () => shownSchedule(schedule) }
    })
}
