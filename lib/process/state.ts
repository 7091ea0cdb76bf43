/** Whether this process was started by a Process, and what it is called. */

/** Set by a child for itself, so that its worker threads know too; with its pid, so that processes that inherit it are not taken in. */
const VARIABLE = 'SHAREDCTYPES_PROCESS'

export interface CurrentProcess {
  readonly name: string
  readonly pid: number
}

function readName(): string | undefined {
  const [pid, ...name] = (process.env[VARIABLE] ?? '').split(':')
  return pid === String(process.pid) ? name.join(':') : undefined
}

let importing = false

/** Called in a child before the target's module is imported, which may look. */
export function becomeChild(name: string): void {
  process.env[VARIABLE] = `${process.pid}:${name}`
  isMainProcess = false
  currentProcess = Object.freeze({ name, pid: process.pid })
  importing = true
}

export function finishedImporting(): void {
  importing = false
}

/** While a child imports the module of its target, that module must not start processes: each would do the same again. */
export function isImporting(): boolean {
  return importing
}

const name = readName()

/** false in a process that a {@link Process} started: `if (isMainProcess) …` is this library's `if __name__ == '__main__'`. */
export let isMainProcess: boolean = name === undefined

/** This process's name, and its pid. The main process is called `MainProcess`. */
export let currentProcess: CurrentProcess = Object.freeze({ name: name ?? 'MainProcess', pid: process.pid })
