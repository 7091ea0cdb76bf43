import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Native } from '../typings/native.js'

/** The package's root: this file runs as dist/lib/native.js. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

function libc(): string {
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } }
  return report.header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
}

/** The published package carries a binary for each platform and C library; a checkout builds its own, which comes first. */
function find(): string {
  const built = join(root, 'build', 'Release', 'sharedctypes.node')
  if (existsSync(built)) return built
  const shipped = join(root, 'prebuilds', `linux-${process.arch}-${libc()}`, 'sharedctypes.node')
  if (existsSync(shipped)) return shipped
  throw new Error(
    `sharedctypes has no binary for ${process.platform}-${process.arch}. In a checkout, run \`npm run build\`; looked for ${built} and ${shipped}.`,
  )
}

/** The addon. Nothing else loads it. */
export const native: Native = createRequire(import.meta.url)(find()) as Native

/** Arguments and answers of the addon's functions without arguments; see typings/native.d.ts. */
export const regs: Float64Array = native.regs
