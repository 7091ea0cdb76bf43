/** How does the cost of an object grow with their number? */
import { curveChart } from './chart.js'
import { objects } from './varied.js'

export const growthObjects = curveChart({
  name: 'growth-objects',
  title: 'As objects become many',
  columns: 2,
  height: 220,
  room: 152,
  panels: [
    { curve: 'growth-objects.create', title: 'To make one', subtitle: 'time; less is better', x: objects },
    { curve: 'growth-objects.use', title: 'To use any of them', subtitle: 'time; less is better', x: objects },
    { curve: 'growth-objects.attach', title: 'To open one in another process', subtitle: 'time; less is better', x: objects },
    { curve: 'growth-objects.bytes', title: 'Memory of one', subtitle: 'shared bytes; less is better', x: objects },
  ],
})
