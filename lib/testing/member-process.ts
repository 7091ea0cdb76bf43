/** The program of a process of a race: imports the module that is raced, and does what it is told to until its parent ends it. */
import { inspect } from 'node:util'
import { Worker } from 'node:worker_threads'
import { codeOf } from '../errors.js'
import '../index.js' // says how each kind of object is attached
import { unpackArguments } from '../process/arguments.js'
import { becomeChild, finishedImporting } from '../process/state.js'
import { setMainModule } from '../process/target.js'
import { callDuty } from './duties.js'
import { ANSWER, type Answer, type Birth, type Failure, LIFELINE_FD, type Order, type Outcome } from './orders.js'

new Worker(new URL('./watchdog.js', import.meta.url), { workerData: LIFELINE_FD, execArgv: [] }).unref()

function asFailure(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'Error', message: inspect(error), stack: inspect(error) }
  const code = codeOf(error)
  return { name: String(error.name), message: String(error.message), stack: String(error.stack), ...(code === undefined ? {} : { code }) }
}

function answer(outcome: Outcome): void {
  try {
    process.send?.({ is: ANSWER, ...outcome } satisfies Answer, () => {})
  } catch (error) {
    process.send?.({ is: ANSWER, failure: asFailure(error) } satisfies Answer, () => {}) // a result that can't be cloned
  }
}

async function answerWith(work: () => unknown): Promise<void> {
  try {
    answer({ result: await work() })
  } catch (error) {
    answer({ failure: asFailure(error) })
  }
}

process.once('message', (message) => {
  const { name, module } = message as Birth
  becomeChild(name)
  setMainModule(module)
  process.on('message', (order) => {
    const { duty, args } = order as Order
    void answerWith(() => callDuty(duty, unpackArguments(args.bytes, args.handles)))
  })
  void answerWith(async () => {
    await import(module)
    finishedImporting()
  })
})
