/** Questions put to another process by `child.send`, one after another, and its answers. */
import { fork, type SerializationType } from 'node:child_process'
import { once } from 'node:events'

/** The process that is asked. */
export interface Answering {
  ask(message: unknown): Promise<unknown>
  /** Ends it; it has then answered everything. */
  stop(): Promise<void>
}

/** Starts `name` of the `trials` that the module at `url` exports, with the number `n`: it must be `answerMessages`. */
export function startAnswering(url: string, name: string, n = 0, serialization: SerializationType = 'json'): Answering {
  const args = [url, name, String(n)]
  const child = fork(process.argv[1] as string, args, { serialization, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  let settle: { resolve(answer: unknown): void; reject(error: Error): void } | undefined
  child.on('message', (answer) => settle?.resolve(answer))
  child.on('exit', (code) => settle?.reject(new Error(`the process that is asked ended with ${code}`)))
  return {
    ask: (message) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject }
        child.send(message as object)
      }),
    async stop() {
      settle = undefined
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

/** In that process, to its parent's end. */
export async function answerMessages(answer: (message: unknown) => unknown): Promise<Record<string, number>> {
  process.on('message', (message) => process.send?.(answer(message)))
  await once(process, 'disconnect')
  return {}
}
