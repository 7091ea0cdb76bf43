/** Who does what: random schedules of a specification's commands. */
import type FastCheck from 'fast-check'
import type { Step } from './crew-duties.js'
import { shownCall } from './history.js'
import type { Specification } from './specification.js'

export interface Schedule {
  /** Done by process 0 alone, before the others start. */
  readonly first: readonly Step[]
  /** What each process does, all at the same time. */
  readonly processes: readonly (readonly Step[])[]
}

/** A schedule in one line, for fast-check's reports. */
export function shownSchedule({ first, processes }: Schedule): string {
  const list = (steps: readonly Step[]) => steps.map(shownCall).join(', ')
  const together = processes.map(list).join(' ∥ ')
  return first.length === 0 ? together : `first ${list(first)}; then ${together}`
}

export function stepOf<Objects, State>(fc: typeof FastCheck, specification: Specification<Objects, State>): FastCheck.Arbitrary<Step> {
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
    .map(({ first, lanes }) => {
      const schedule = { first, processes: lanes.filter((steps) => steps.length > 0) }
      return { ...schedule, [fc.toStringMethod]: () => shownSchedule(schedule) }
    })
}
