/** What is varied along curves. */
import { quantityText } from './axis.js'
import type { Varied } from './panel.js'

const name = (x: number) => (x < 1000 ? String(x) : `${x / 1000}k`)

export const processes: Varied = { title: 'processes', name }
export const workers: Varied = { title: 'workers', name }
export const objects: Varied = { title: 'objects', name }
export const bytes: Varied = { title: 'size', name: (x) => quantityText(x, 'bytes') }

/** As HdrHistogram draws them, by how rare it is that it takes longer: 50 % took longer than the median, 0.1 % longer than the 99.9th percentile. */
export const percentiles: Varied = {
  title: 'percentile',
  name: String,
  place: (x) => 100 / (100 - x),
}
