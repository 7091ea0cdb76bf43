/**
 * Puts what was built here where the package carries its binaries: `npm pack` calls it, so that a tarball runs on this platform. Those of other
 * platforms are built there, and lie beside.
 */
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const libc = process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
const folder = join(root, 'prebuilds', `${process.platform}-${process.arch}-${libc}`)
mkdirSync(folder, { recursive: true })
for (const name of ['sharedctypes.node', 'sharedctypes-manager']) copyFileSync(join(root, 'build', 'Release', name), join(folder, name))
