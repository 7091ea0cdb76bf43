/** Histories as text. */
import { checkHistory, type History, isPending, type Operation, shownCall, shownOperation, shownOutcome } from './history.js'
import { lanesOf } from './lanes.js'

interface Event {
  readonly lane: number
  readonly operation: Operation
  readonly what: 'begin' | 'end' | 'whole'
}

/** Beginnings and ends in their order; an operation during which nothing else happened is one event. */
function eventsOf(lanes: readonly Operation[][]): Event[] {
  const events = lanes.flatMap((operations, lane) =>
    operations.flatMap((operation) => [
      { at: operation.begin, lane, operation, what: 'begin' as const },
      ...(isPending(operation) ? [] : [{ at: operation.end, lane, operation, what: 'end' as const }]),
    ]),
  )
  // At one instant beginnings come first: operations that touch overlap.
  events.sort((a, b) => a.at - b.at || Number(a.what === 'end') - Number(b.what === 'end'))
  return events.flatMap((event, i): Event[] => {
    if (event.what === 'begin' && events[i + 1]?.operation === event.operation) return [{ ...event, what: 'whole' }]
    if (event.what === 'end' && events[i - 1]?.operation === event.operation) return []
    return [event]
  })
}

function textOf({ operation, what }: Event): string {
  if (what === 'whole') return `─ ${shownOperation(operation)}`
  if (what === 'begin') return `┌ ${shownCall(operation)}`
  return `└ ${shownOutcome(operation)}`
}

/**
 * Draws a history: a column for each process, time downwards, a bracket from an operation's beginning to its end.
 *
 * @throws ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE for what is no history
 */
export function formatHistory(history: History): string {
  checkHistory(history)
  const lanes = lanesOf(history)
  const open = new Set<number>()
  const rows = [lanes.map(([first]) => `process ${first?.process}`)]
  for (const event of eventsOf(lanes)) {
    rows.push(lanes.map((_, lane) => (lane === event.lane ? textOf(event) : open.has(lane) ? '│' : '')))
    if (event.what === 'begin') open.add(event.lane)
    if (event.what === 'end') open.delete(event.lane)
  }
  if (open.size > 0) rows.push(lanes.map((_, lane) => (open.has(lane) ? '╵ no answer' : '')))
  const widths = lanes.map((_, lane) => Math.max(...rows.map((row) => (row[lane] as string).length)))
  return rows
    .map((row) =>
      row
        .map((cell, lane) => cell.padEnd(widths[lane] as number))
        .join('   ')
        .trimEnd(),
    )
    .join('\n')
}
