/** How do bytes get to another process, few or many? */
import { curveChart } from './chart.js'
import { bytes } from './varied.js'

export const handOver = curveChart({
  name: 'hand-over',
  title: 'Bytes for another process',
  subtitle: 'Both scales are logarithmic. Thin bars: from the lowest to the highest of all rounds. More ways in results.md.',
  columns: 1,
  height: 460,
  room: 250,
  panels: [
    {
      curve: 'hand-over',
      title: 'From 1 KiB to 1 GiB for a process that is there already',
      subtitle: 'time until it has looked at each page, and said so; less is better',
      x: bytes,
      without: /base64|each time|transferred/,
    },
  ],
})
