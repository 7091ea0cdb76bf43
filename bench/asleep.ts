/** Whether other processes sleep: who waits for an answer in the kernel does, who still looks around for it does not. */
import { readFileSync } from 'node:fs'

const stateOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0]

/** Looks until all of them do. */
export function untilAsleep(pids: readonly number[], patienceMs: number): void {
  const end = performance.now() + patienceMs
  while (pids.some((pid) => stateOf(pid) !== 'S')) {
    if (performance.now() > end) throw new Error(`not all of ${pids.join(', ')} slept within ${patienceMs} ms`)
  }
}
