/** What processes were doing when somebody waited for them in vain. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { Column } from './board.js'
import type { Member } from './crew.js'

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return 'gone'
  }
}

/** The stack of its main thread, where there is a debugger to tell it. */
function stackOf(pid: number): string {
  const told = spawnSync('gdb', ['-p', String(pid), '-batch', '-nx', '-ex', 'bt 12'], { encoding: 'utf8', timeout: 20_000 })
  const frames = (told.stdout ?? '').split('\n').filter((line) => /^#\d/.test(line))
  return frames.map((line) => `\n      ${line.slice(0, 160)}`).join('')
}

export function whatTheyDo(members: readonly Member[]): string {
  return members
    .map((member) => {
      const { pid, slot, name, phase, progress } = member
      const step = JSON.stringify(member.steps[member.read(Column.step)])
      const calls = tasksOf(pid).map((tid) => read(`/proc/${pid}/task/${tid}/syscall`).split(' ').slice(0, 3).join(' '))
      return `    ${name} ${slot}, pid ${pid}, phase ${phase}, ${progress} operations, at ${step}, in system calls ${calls[0]}${stackOf(pid)}`
    })
    .join('\n')
}

/** How long threads of a process were ready to run and had no CPU, in ms; that of the one that waited longest. */
export function delayOf(pid: number): number {
  const delays = tasksOf(pid).map((tid) => Number(read(`/proc/${pid}/task/${tid}/schedstat`).split(' ')[1]))
  return Math.max(0, ...delays.filter(Number.isFinite)) / 1e6
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}
