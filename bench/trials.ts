/** How trials are started: in Node through trial.ts, in CPython, and in C. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Iterations, isMissing, type Tools, type Trial } from './question.js'
import { sources } from './tools.js'

const trialProgram = fileURLToPath(new URL('./trial.js', import.meta.url))

/** A quarter of them for --quick. */
export const some = (full: number): Iterations => ({ full, quick: full / 4 })
/** The same number always. */
export const exactly = (full: number): Iterations => ({ full, quick: full })

const nodeCommand = (url: string, name: string) => [process.execPath, trialProgram, url, name]

/** Ours: the function of this name in the `trials` that the module at `url` exports. */
export function nodeTrial(url: string, name: string, iterations: Iterations): Trial {
  return { who: 'sharedctypes', iterations, command: () => nodeCommand(url, name) }
}

/** The same for what comes with Node, or with a package of peers.ts: `trials` get it by `loadPeer`. */
export function otherTrial(who: string, url: string, name: string, iterations: Iterations): Trial {
  const command = ({ peer }: Tools) => {
    const found = who === 'Node' ? who : peer(who)
    return isMissing(found) ? found : nodeCommand(url, name)
  }
  return { who, iterations, command }
}

/** What can't be done at all, or not in a time that anybody would wait: a line that says why. */
export function missingTrial(who: string, missing: string): Trial {
  return { who, iterations: exactly(0), command: () => ({ missing }) }
}

/** A package that has compiled nowhere yet, so that no trial of it could be tried: the line says what comes of it here. */
export function uninstallable(who: string): Trial {
  const command = ({ peer }: Tools) => {
    const found = peer(who)
    return isMissing(found) ? found : { missing: 'it installs here, but no trial was written for it: it did not elsewhere' }
  }
  return { who, iterations: exactly(0), command }
}

/** A program of bench/python. -B: leaves no __pycache__ in the sources. */
export function pythonTrial(file: string, name: string, iterations: Iterations): Trial {
  const command = ({ python }: Tools) => (isMissing(python) ? python : [python, '-B', join(sources, 'python', file), name])
  return { who: 'CPython', iterations, command }
}

/** A program of bench/c. */
export function cTrial(file: string, name: string, iterations: Iterations): Trial {
  const command = ({ compile }: Tools) => {
    const program = compile(file)
    return isMissing(program) ? program : [program, name]
  }
  return { who: 'C', iterations, command }
}
