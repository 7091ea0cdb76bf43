/** How busy other programs kept the CPUs while we measured: with a busy neighbour figures double, ours or the peers', as it happens. */
import { readFileSync } from 'node:fs'

interface Ticks {
  readonly all: number
  readonly others: number
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)

function ticks(): Ticks {
  // cpu user nice system idle iowait irq softirq steal
  const machine = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).slice(1, 9).map(Number)
  const [idle = 0, iowait = 0] = machine.slice(3, 5)
  // Behind the name, which may hold blanks: utime, stime, and the same of children that ended, as 12th to 15th field.
  const own = (readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1) ?? '').split(' ').slice(11, 15).map(Number)
  return { all: sum(machine), others: sum(machine) - idle - iowait - sum(own) }
}

/** From now on. The function it gives says which share of all CPUs' time others have used since. */
export function watchOthers(): () => number {
  const start = ticks()
  return () => {
    const end = ticks()
    return Math.max(0, (end.others - start.others) / (end.all - start.all))
  }
}

/** A sentence for people; empty where others hardly ran. */
export function othersText(share: number): string {
  return share < 0.03
    ? ''
    : `\nOther programs used ${Math.round(share * 100)} % of the CPUs meanwhile: measure again on a quiet machine before you believe this.`
}
