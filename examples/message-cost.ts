/** 10,000 locked writes of a Value against 10,000 messages to the parent. Answers "Performance: Shared Memory vs. Queue" of reference 5. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { attach, type Handle, Value } from 'sharedctypes'

type Order = { handle?: Handle }
const COUNT = 10_000
const DONE = 'done'

/** The child: writes into what it is given, or sends if it is given nothing. */
function obey({ handle }: Order): void {
  const value = handle && attach<Value<'c_int'>>(handle)
  for (let i = 1; i <= COUNT; i++) {
    if (value === undefined) process.send?.(i)
    else
      value.withLock(() => {
        value.value = i
      })
  }
  process.send?.(DONE)
}

if (process.send === undefined) {
  const child = fork(fileURLToPath(import.meta.url))
  await once(child, 'message')

  // From the order to the last arrival: what starting a process takes is in neither.
  const measure = async (order: Order) => {
    const received: unknown[] = []
    const finished = new Promise<void>((resolve) => {
      child.removeAllListeners('message').on('message', (message) => (message === DONE ? resolve() : received.push(message)))
    })
    const begun = performance.now()
    child.send(order)
    await finished
    return { ms: performance.now() - begun, received }
  }

  const value = Value('c_int', 0)
  const memory = await measure({ handle: value.toJSON() })
  assert.equal(value.value, COUNT)
  assert.deepEqual(memory.received, [])
  const messages = await measure({})
  assert.deepEqual(
    messages.received,
    Array.from({ length: COUNT }, (_, i) => i + 1),
  )
  child.disconnect()
  console.log(`${COUNT} locked writes of a Value  ${memory.ms.toFixed(1)} ms`)
  console.log(`${COUNT} messages                ${messages.ms.toFixed(1)} ms, ${(messages.ms / memory.ms).toFixed(0)} times as long`)
} else {
  process.on('message', obey)
  process.send('ready')
}
