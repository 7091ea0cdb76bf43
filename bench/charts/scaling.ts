/** What do more processes, workers and objects bring, or cost? */
import { curveChart } from './chart.js'
import { objects, processes, workers } from './varied.js'

export const scaling = curveChart({
  name: 'scaling',
  title: 'With more processes, more workers, more objects',
  columns: 2,
  height: 250,
  room: 150,
  panels: [
    {
      curve: 'contended-lock.throughput',
      title: 'Processes that want one lock',
      subtitle: 'how often all together get it; more is better',
      x: processes,
    },
    { curve: 'parallel-sqrt', title: 'Workers that take square roots', subtitle: 'time for each; less is better', x: workers },
    { curve: 'growth-objects.use', title: 'Objects, any of which is used', subtitle: 'time of one use; less is better', x: objects },
    {
      curve: 'growth-processes.use',
      title: 'Processes that have an object open',
      subtitle: 'time of one use; less is better',
      x: processes,
    },
  ],
})
