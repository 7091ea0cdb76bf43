/** How do bytes get to another process, few or many? */
import { curveChart } from './chart.js'
import { bytes } from './varied.js'

export const handOver = curveChart({
  name: 'hand-over',
  title: 'Bytes for another process',
  columns: 1,
  height: 420,
  room: 250,
  panels: [
    {
      curve: 'hand-over',
      title: 'From 1 KiB to 1 GiB for a process that is there already',
      subtitle: 'time until it has looked at each page, and said so; less is better',
      x: bytes,
    },
  ],
})
