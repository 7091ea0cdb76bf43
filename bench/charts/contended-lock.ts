/** Who gets a lock that several processes want, and how long does it take? */
import { type CurvePanel, curveChart } from './chart.js'
import { percentiles, processes } from './varied.js'

const latency = (count: number, title: string): CurvePanel => ({
  curve: `contended-lock.latency-${count}`,
  title,
  subtitle: 'time until one has it; less is better',
  x: percentiles,
})

export const contendedLock = curveChart({
  name: 'contended-lock',
  title: 'One lock, many takers: who gets it, and when',
  subtitle: "All scales but fairness's are logarithmic. Thin bars: from the lowest to the highest of all rounds.",
  columns: 2,
  height: 250,
  room: 150,
  panels: [
    { curve: 'contended-lock.fairness', title: 'Fairness', subtitle: 'smallest share to largest share; 1 is best', x: processes },
    latency(1, 'One process takes it'),
    latency(2, '2 processes want it'),
    latency(8, '8 processes want it'),
  ],
})
