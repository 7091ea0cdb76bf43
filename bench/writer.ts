/**
 * The program of a child, or a worker thread, that gives numbers to its parent: `writer.js HOW TIMES PATH`. It loads nothing of this library, so
 * that its start costs what it costs with Node alone. A time begins when it starts, or is told `next`.
 */
import { once } from 'node:events'
import { parentPort } from 'node:worker_threads'
import { openStore } from './store.js'

/** How many numbers each time: 0, 1, … */
export const COUNT = 10_000

/** ms by a clock that is the same in all processes. */
export const nowMs = () => Number(process.hrtime.bigint()) / 1e6

/** `begun` comes before the numbers; `ended` where no numbers are sent. */
export type Told = number | { readonly begun: number } | { readonly ended: number }

const post = (told: Told) => (parentPort === null ? process.send?.(told) : parentPort.postMessage(told))

/** With all that was sent before: a channel that is closed loses what it has not written yet. */
function postLast(told: Told): Promise<void> {
  if (parentPort === null) return new Promise((resolve) => process.send?.(told, undefined, undefined, () => resolve()))
  parentPort.postMessage(told)
  return Promise.resolve()
}

const next = () => (parentPort === null ? once(process, 'message') : once(parentPort, 'message'))

function tellAll(): Promise<void> {
  for (let i = 0; i < COUNT - 1; i++) post(i)
  return postLast(COUNT - 1)
}

async function storeAll(path: string, each: 'put' | 'putSync'): Promise<void> {
  const store = openStore(path)
  post({ begun: nowMs() })
  let last: unknown
  for (let i = 0; i < COUNT; i++) last = store[each]('value', i)
  await last
  await postLast({ ended: nowMs() })
  await store.close()
}

async function write(how: string, times: number, path: string): Promise<void> {
  for (let left = times; left > 0; left--) {
    // It listens before it tells the last: the answer may be there before that is known to be sent.
    const told = left > 1 ? next() : undefined
    if (how === 'put' || how === 'putSync') await storeAll(path, how)
    else {
      post({ begun: nowMs() })
      await tellAll()
    }
    await told
  }
  if (parentPort === null) process.disconnect()
}

const [, program, how = '', times = '1', path = ''] = process.argv
// Others import what is above.
if (program?.endsWith('writer.js')) await write(how, Number(times), path)
