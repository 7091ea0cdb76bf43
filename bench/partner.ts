/** For trials beside another process, or a worker thread, that is there all the time and answers what it is sent. */
import { type ChildProcess, fork, type SerializationType } from 'node:child_process'
import { once } from 'node:events'
import { parentPort, type TransferListItem, Worker } from 'node:worker_threads'
import type { Sample } from './question.js'

type Post = (message: unknown, transfer: readonly TransferListItem[]) => void

/** What a partner runs: a file, or the same as this trial's process for another trial of a module, by name: one that calls `answerAll`. */
export type Program = string | { readonly url: string; readonly trial: string }

function commandFor(program: Program): [string, string[]] {
  return typeof program === 'string' ? [program, []] : [process.argv[1] as string, [program.url, program.trial, '0']]
}

export class Partner {
  readonly #post: Post
  #waiting: { resolve(message: unknown): void; reject(error: Error): void } | undefined
  readonly stop: () => unknown

  private constructor(source: ChildProcess | Worker, post: Post, stop: () => unknown) {
    this.#post = post
    this.stop = stop
    source.on('message', (message: unknown) => this.#waiting?.resolve(message))
    source.on('exit', (code: number | null) => this.#waiting?.reject(new Error(`the partner ended with ${code}`)))
  }

  static process(program: Program, serialization: SerializationType = 'json'): Partner {
    const child = fork(...commandFor(program), { serialization, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    return new Partner(
      child,
      (message) => child.send(message as object),
      () => child.kill('SIGKILL'),
    )
  }

  static worker(program: Program): Partner {
    const [file, argv] = commandFor(program)
    // Its output is not ours: the last line of that is the trial's sample.
    const worker = new Worker(file, { argv, stdout: true })
    return new Partner(
      worker,
      (message, transfer) => worker.postMessage(message, transfer),
      () => worker.terminate(),
    )
  }

  /** Its next message, whether it was asked or not. */
  answer<T>(): Promise<T> {
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting = { resolve, reject }
    }) as Promise<T>
  }

  /** @param transfer - what a worker gets for good */
  ask<T>(message: unknown, transfer: readonly TransferListItem[] = []): Promise<T> {
    const answer = this.answer<T>()
    this.#post(message, transfer)
    return answer
  }
}

/** The partner's program: to its parent's end. `transferred`: what it gives back for good, from its answer. */
export async function answerAll<Message, Answer>(
  answer: (message: Message) => Answer | Promise<Answer>,
  transferred: (answer: Answer) => TransferListItem[] = () => [],
): Promise<Sample> {
  const port = parentPort
  if (port === null) {
    process.on('message', async (message) => process.send?.(await answer(message as Message)))
    await once(process, 'disconnect')
  } else {
    port.on('message', async (message: Message) => {
      const given = await answer(message)
      port.postMessage(given, transferred(given))
    })
    await once(port, 'close')
  }
  return {}
}
