/** A history as lanes: within one, an operation begins after the one before it has ended. */
import type { History, Operation } from './history.js'

/**
 * As few as possible, ordered by process. A process has one lane, unless operations of its own overlap, which asynchronous ones do.
 * What is known of a lane is a number, how many of its operations have been dealt with: that makes configurations of a search cheap to compare.
 */
export function lanesOf(history: History): Operation[][] {
  const byProcess = new Map<number, Operation[][]>()
  for (const operation of [...history].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    const lanes = byProcess.get(operation.process) ?? []
    byProcess.set(operation.process, lanes)
    const free = lanes.find((lane) => (lane.at(-1) as Operation).end < operation.begin)
    if (free === undefined) lanes.push([operation])
    else free.push(operation)
  }
  return [...byProcess.entries()].sort(([a], [b]) => a - b).flatMap(([, lanes]) => lanes)
}
