/** The program of a child, or a worker thread, that takes square roots. It loads nothing of this library, so that it starts as with Node alone. */
import { parentPort } from 'node:worker_threads'

/** Shared doubles, to be kept; which of them are to be done in place; or doubles themselves, to be sent back. */
export type Task = { readonly shared: Float64Array } | { readonly from: number; readonly to: number } | Float64Array<ArrayBuffer> | number[]

export function takeRoots(numbers: Float64Array | number[], from: number, to: number): void {
  for (let i = from; i < to; i++) numbers[i] = Math.sqrt(numbers[i] as number)
}

let kept = new Float64Array(0)

function obey(task: Task): Float64Array<ArrayBuffer> | number[] | 'done' {
  if (task instanceof Float64Array || Array.isArray(task)) {
    takeRoots(task, 0, task.length)
    return task
  }
  if ('shared' in task) kept = task.shared as Float64Array<ArrayBuffer>
  else takeRoots(kept, task.from, task.to)
  return 'done'
}

// Others import what is above.
if (process.argv[1]?.endsWith('rooter.js')) {
  parentPort?.on('message', (task: Task) => {
    const done = obey(task)
    parentPort?.postMessage(done, done instanceof Float64Array ? [done.buffer] : [])
  })
  if (parentPort === null) process.on('message', (task: Task) => process.send?.(obey(task)))
}
