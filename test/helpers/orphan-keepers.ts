/** Processes that live and use auto-named blocks, each in another way, while others are killed. */
import { equal } from 'node:assert/strict'
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { root } from '../fixtures/unit-helpers.js'
import { fixturePath } from './paths.js'

const SIZE = 9001
const BYTE = 0x77
const content = [String(SIZE), String(BYTE)]

class PythonKeeper {
  readonly #child: ChildProcess
  readonly #lines: Interface

  constructor(attached: string, mapped: string) {
    this.#child = spawn('python3', [join(root, 'test/crash/orphan_keeper.py'), attached, mapped, ...content], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#lines = createInterface(this.#child.stdout as NodeJS.ReadableStream)
  }

  async line<T>(): Promise<T> {
    const [line] = (await once(this.#lines, 'line')) as [string]
    return JSON.parse(line) as T
  }

  isIntact(): Promise<boolean> {
    const line = this.line<boolean>()
    this.#child.stdin?.write('\n')
    return line
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.stdin?.end()
    await ended
  }
}

export class Keepers {
  /** The auto-named blocks that have to stay. */
  readonly names: readonly string[]
  /** Of these, those that CPython made: not even when nobody uses them are they ours to remove. */
  readonly foreign: readonly string[]
  readonly #inodes: ReadonlyMap<string, number>
  readonly #node: ChildProcess
  readonly #python: PythonKeeper | undefined

  private constructor(names: readonly string[], foreign: readonly string[], node: ChildProcess, python: PythonKeeper | undefined) {
    this.names = names
    this.foreign = foreign
    this.#inodes = new Map(names.map((name) => [name, statSync(`/dev/shm/${name}`).ino]))
    this.#node = node
    this.#python = python
  }

  static async start(withPython: boolean): Promise<Keepers> {
    const maker = spawn(process.execPath, [fixturePath('orphan-maker'), '3', ...content], { stdio: ['pipe', 'pipe', 'inherit'] })
    const [line] = (await once(createInterface(maker.stdout), 'line')) as [string]
    const [first = '', second = '', third = ''] = JSON.parse(line) as string[]
    const node = fork(fixturePath('orphan-keeper'), [first, ...content])
    const [own] = (await once(node, 'message')) as [string[]]
    const python = withPython ? new PythonKeeper(second, third) : undefined
    const foreign = (await python?.line<string[]>()) ?? []
    const dead = once(maker, 'exit')
    maker.kill('SIGKILL')
    await dead
    const attached = withPython ? [first, second, third] : [first]
    return new Keepers([...attached, ...own, ...foreign], foreign, node, python)
  }

  /** All names are there, and lead where they led. */
  check(): void {
    for (const [name, inode] of this.#inodes) equal(statSync(`/dev/shm/${name}`).ino, inode)
  }

  /** All that use them find them as they were. */
  async checkContents(): Promise<void> {
    const answer = once(this.#node, 'message') as Promise<[boolean]>
    this.#node.send('?')
    equal((await answer)[0], true)
    if (this.#python !== undefined) equal(await this.#python.isIntact(), true)
  }

  async end(): Promise<void> {
    const dead = once(this.#node, 'exit')
    this.#node.kill('SIGKILL')
    await dead
    await this.#python?.end()
  }

  removeForeign(): void {
    for (const name of this.foreign) rmSync(`/dev/shm/${name}`)
  }
}
