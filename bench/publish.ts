/** Writes what a run leaves behind: its figures as data and as tables, and the pictures. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { charts, drawAll } from './charts/index.js'
import { THEMES } from './charts/theme.js'
import { markdown } from './markdown.js'
import type { Report } from './report.js'

/** Of another run, which must not stand beside the figures of this one. */
function removePictures(folder: string): void {
  for (const { name } of charts) for (const theme of Object.keys(THEMES)) rmSync(join(folder, `${name}-${theme}.svg`), { force: true })
}

/** Into a folder that is there. What could not be drawn: a sentence each. */
export async function publish(report: Report, folder: string): Promise<readonly string[]> {
  removePictures(folder)
  // First: what took so long to measure must not be lost because it can't be drawn.
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(report, null, 1)}\n`)
  writeFileSync(join(folder, 'results.md'), markdown(report))
  const { files, leftOut } = await drawAll(report)
  for (const [name, text] of files) writeFileSync(join(folder, name), text)
  return leftOut
}
