/** All charts, each drawn once for light pages and once for dark ones. */
import type { Report } from '../report.js'
import { type Chart, machineLines } from './chart.js'
import { contendedLock } from './contended-lock.js'
import { growth } from './growth.js'
import { growthObjects } from './growth-objects.js'
import { handOver } from './hand-over.js'
import { latency } from './latency.js'
import { ratios } from './ratios.js'
import { scaling } from './scaling.js'
import { draw } from './spec.js'
import { THEMES } from './theme.js'

export const charts: readonly Chart[] = [ratios, scaling, latency, handOver, contendedLock, growth, growthObjects]

export interface Drawn {
  /** Their texts, by the names of their files. */
  readonly files: ReadonlyMap<string, string>
  /** What could not be drawn because it was not measured: a sentence each. */
  readonly leftOut: readonly string[]
}

export async function drawAll(report: Report): Promise<Drawn> {
  const files = new Map<string, string>()
  const leftOut: string[] = []
  for (const { name, title, subtitle, content } of charts) {
    const found = content(report)
    if (found === undefined) {
      leftOut.push(`chart ${name}: nothing of it was measured`)
      continue
    }
    leftOut.push(...found.leftOut.map((each) => `chart ${name}: without ${each}, which was not measured`))
    for (const theme of Object.values(THEMES)) {
      const picture = { title, subtitle: [...machineLines(report), subtitle], body: found.draw(theme) }
      files.set(`${name}-${theme.name}.svg`, await draw(picture, theme))
    }
  }
  return { files, leftOut }
}
