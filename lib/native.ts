import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Native } from '../typings/native.js'

export type { SeenFile, SeenSegment, SeenUser } from '../typings/native.js'

/** The package's root: this file runs as dist/lib/native.js. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/**
 * A checkout builds its own binary, which comes first. The published package carries one for each platform and C library; the one for the other
 * C library does not load.
 */
const candidates = [
  join(root, 'build', 'Release', 'sharedctypes.node'),
  join(root, 'prebuilds', `linux-${process.arch}-glibc`, 'sharedctypes.node'),
  join(root, 'prebuilds', `linux-${process.arch}-musl`, 'sharedctypes.node'),
]

function load(): { native: Native; folder: string } {
  const require = createRequire(import.meta.url)
  const reasons: string[] = []
  for (const path of candidates) {
    if (!existsSync(path)) {
      reasons.push(`${path}: not there`)
      continue
    }
    try {
      return { native: require(path) as Native, folder: dirname(path) }
    } catch (error) {
      reasons.push((error as Error).message)
    }
  }
  throw new Error(
    `sharedctypes has no binary that runs on ${process.platform}-${process.arch}. In a checkout, run \`npm run build\`. Tried:\n${reasons.join('\n')}`,
  )
}

const loaded = load()

/** The addon. Nothing else loads it. */
export const native: Native = loaded.native

/** Where it was found: the other binaries of the package are beside it. */
export const nativeFolder: string = loaded.folder

/** Arguments and answers of the addon's functions without arguments; see typings/native.d.ts. */
export const regs: Float64Array = native.regs
