/** How long does it take, usually and seldom? */
import { curveChart } from './chart.js'
import { percentiles } from './varied.js'

export const latency = curveChart({
  name: 'latency',
  title: 'How long it takes, usually and seldom',
  columns: 2,
  height: 300,
  room: 150,
  panels: [
    {
      curve: 'contended-lock.latency-4',
      title: 'To get a lock that 4 processes want',
      subtitle: 'time until one has it; less is better',
      x: percentiles,
    },
    {
      curve: 'wake-up.latency',
      title: 'To wake another process, and be woken by it',
      subtitle: 'time there and back; less is better',
      x: percentiles,
    },
  ],
})
