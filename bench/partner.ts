/** For trials beside another process, or a worker thread, that is there all the time and answers what it is sent. */
import { type ChildProcess, fork, type SerializationType } from 'node:child_process'
import { once } from 'node:events'
import { parentPort, type TransferListItem, Worker } from 'node:worker_threads'
import type { Sample } from './question.js'

type Post = (message: unknown, transfer: readonly TransferListItem[]) => void

/** The same program as this one, for another trial of the module at `url`. */
const program = process.argv[1] as string
const argumentsFor = (url: string, name: string) => [url, name, '0']

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

  /** @param name - of the trial that it runs: one that calls `answerAll` */
  static process(url: string, name: string, serialization: SerializationType = 'json'): Partner {
    const child = fork(program, argumentsFor(url, name), { serialization, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    return new Partner(
      child,
      (message) => child.send(message as object),
      () => child.kill('SIGKILL'),
    )
  }

  static worker(url: string, name: string): Partner {
    // Its output is not ours: the last line of that is the trial's sample.
    const worker = new Worker(program, { argv: argumentsFor(url, name), stdout: true })
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
