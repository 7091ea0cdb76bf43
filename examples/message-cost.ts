/** 10,000 locked writes of a Value against 10,000 messages to the parent. Answers "Performance: Shared Memory vs. Queue" of reference 5. */
import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { attach, type Handle, Value } from 'sharedctypes'

type Shared = ReturnType<typeof Value<'c_int'>>
const COUNT = 10_000
const DONE = 'done'

function write(value: Shared): void {
  for (let i = 1; i <= COUNT; i++) {
    using _ = value.hold()
    value.value = i
  }
  process.send?.(DONE)
}

function send(): void {
  for (let i = 1; i <= COUNT; i++) process.send?.(i)
  process.send?.(DONE)
}

/** ms from telling the child to begin until everything is here; starting it is not counted. */
async function measure(child: ChildProcess, order: Value | 'send'): Promise<number> {
  return 0
}
