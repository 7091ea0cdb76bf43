/** The processes of a program. Some are always started ahead of time: a start of Node takes longer than everything else. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Board, Column } from './board.js'
import type { Orders } from './party.js'
import { Finding, type Role } from './subject.js'

const PROGRAM = fileURLToPath(new URL('./party.js', import.meta.url))
const MOST_TEXT = 2000

/** A process that waits for its orders. */
class Spare {
  readonly child: ChildProcess
  /** What it said of its end. */
  text = ''

  constructor() {
    this.child = spawn(process.execPath, ['--no-warnings', '--v8-pool-size=0', PROGRAM], { stdio: ['pipe', 'ignore', 'pipe'] })
    this.child.stdin?.on('error', () => {}) // heard of by its end
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.text = (this.text + text).slice(0, MOST_TEXT)
    })
  }
}

export class Member {
  readonly slot: number
  readonly name: string
  readonly role: Role
  readonly steps: Orders['steps']
  readonly #board: Board
  readonly #spare: Spare
  readonly dead: Promise<void>
  /** Why it is dead without having been killed. */
  ended: Finding | undefined
  #killed = false

  constructor(spare: Spare, board: Board, role: Role, orders: Orders) {
    this.slot = orders.slot
    this.name = orders.role
    this.role = role
    this.steps = orders.steps
    this.#board = board
    this.#spare = spare
    this.dead = new Promise((resolve) => {
      spare.child.once('close', (code, signal) => {
        if (!this.#killed)
          this.ended = new Finding('broken rule', `${this.name} ${this.slot} ended by itself: ${code ?? signal}\n${spare.text}`)
        resolve()
      })
    })
    spare.child.stdin?.end(`${JSON.stringify(orders)}\n`)
  }

  get pid(): number {
    return this.#spare.child.pid as number
  }
  get ready(): boolean {
    return this.read(Column.ready) === 1
  }
  get progress(): number {
    return this.read(Column.progress)
  }
  get phase(): number {
    return this.read(Column.phase)
  }

  read(column: number): number {
    return this.#board.get(this.slot, column)
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal)
  }

  /** It is going to be killed. */
  doom(): void {
    this.#killed = true
  }

  /** SIGKILL; resolves when it is dead. */
  async kill(): Promise<void> {
    this.doom()
    this.#spare.child.kill('SIGKILL')
    await this.dead
  }
}

export class Crew {
  readonly #spares: Spare[] = []
  readonly #most: number

  constructor(spares: number) {
    this.#most = spares
    this.#fill()
  }

  #fill(): void {
    while (this.#spares.length < this.#most) this.#spares.push(new Spare())
  }

  hire(board: Board, role: Role, orders: Orders): Member {
    const spare = this.#spares.shift() as Spare
    this.#fill()
    return new Member(spare, board, role, orders)
  }

  async end(): Promise<void> {
    await Promise.all(
      this.#spares.splice(0).map(({ child }) => {
        const ended = new Promise((resolve) => child.once('close', resolve))
        child.kill('SIGKILL')
        return ended
      }),
    )
  }
}
