/** How does cost grow with the processes that use an object, and with the size of an Array? */
import { curveChart } from './chart.js'
import { bytes, processes } from './varied.js'

export const growth = curveChart({
  name: 'growth',
  title: 'As processes become many, and Arrays large',
  columns: 2,
  height: 190,
  room: 152,
  panels: [
    { curve: 'growth-processes.attach', title: 'The next process opens it', subtitle: 'time; less is better', x: processes },
    { curve: 'growth-arrays.create', title: 'An Array is made', subtitle: 'time; less is better', x: bytes },
    {
      curve: 'growth-processes.wake',
      title: 'All processes are woken',
      subtitle: 'time until the last one runs; less is better',
      x: processes,
    },
    { curve: 'growth-arrays.attach', title: 'Another process opens it', subtitle: 'time; less is better', x: bytes },
    { curve: 'growth-arrays.touch', title: 'A page of it is used first', subtitle: 'time; less is better', x: bytes },
    { curve: 'growth-arrays.read', title: 'An element is read', subtitle: 'time; less is better', x: bytes },
  ],
})
