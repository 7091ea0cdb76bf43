/** The errors of race tests. */
import { SharedCTypesError } from '../errors.js'
import { formatHistory } from './format.js'
import { type History, isPending, shownOperation, shownOutcome } from './history.js'
import type { Verdict } from './linearizable.js'

/** `ERR_NOT_LINEARIZABLE`: no order of the operations explains what they gave. */
export class NotLinearizableError extends SharedCTypesError {
  /** What was seen. */
  declare readonly history: History
  /** How far an order gets. */
  declare readonly verdict: Verdict & { readonly linearizable: false }

  constructor(history: History, verdict: Verdict & { readonly linearizable: false }, note = '') {
    super('ERR_NOT_LINEARIZABLE', `${explanation(history, verdict)}${note}`)
    // Not what an uncaught error is printed with: the message draws both.
    Object.defineProperty(this, 'history', { value: history, enumerable: false })
    Object.defineProperty(this, 'verdict', { value: verdict, enumerable: false })
  }
}

/** Why a history is not linearizable, in words. */
function explanation(history: History, { explained, refused }: Verdict & { readonly linearizable: false }): string {
  const before =
    explained.length === 0
      ? 'At first'
      : `After ${explained.map((each) => `process ${each.process}'s ${shownOperation(each)}`).join(', then ')}`
  const reasons = refused.map(({ operation, expected }) => {
    const wanted = expected.length === 0 ? 'not to be there' : expected.map((each) => shownOutcome(each) || 'no result').join(' or ')
    const lacksResult = !isPending(operation) && shownOutcome(operation) === '' && expected.some((each) => shownOutcome(each) !== '')
    const gave = `${shownOperation(operation)}${lacksResult ? ' → undefined' : ''}`
    const reason = `  process ${operation.process}'s ${gave}: the model has it ${expected.length === 0 ? wanted : `give ${wanted}`}`
    return operation.stack === undefined ? reason : `${reason}\n${operation.stack}`
  })
  return `No order of these operations explains what they gave:\n\n${formatHistory(history)}\n\n${before}, nothing fits:\n${reasons.join('\n')}`
}

/** `ERR_PROCESS_FAILED`: a process of a race threw, or died. Its own error is the `cause`. */
export function processFailed(which: string, why: string, cause?: unknown): SharedCTypesError {
  return new SharedCTypesError('ERR_PROCESS_FAILED', `${which} ${why}`, cause === undefined ? undefined : { cause })
}
