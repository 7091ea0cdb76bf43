/** The functions of the addon, by name. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { nativeFolder } from '../../lib/native.js'

export const addonPath: string = join(nativeFolder, 'sharedctypes.node')

export interface NativeSymbol {
  readonly name: string
  /** From where the addon begins. */
  readonly address: number
  readonly size: number
}

/** `sharedctypes::(anonymous namespace)::bury(…)`: bury. Of a template what it is made of: ledger_move<semaphore_try>. */
function nameOf(demangled: string): string {
  const plain = demangled.replaceAll('(anonymous namespace)::', '').replaceAll('sharedctypes::', '')
  const made = /\b(\w+)<(\w+)\(/.exec(plain)
  if (made !== null) return `${made[1]}<${made[2]}>`
  return (plain.split('(')[0] ?? '').replace(/^.* /, '').replace(/\[abi:.*/, '')
}

export function addonSymbols(): NativeSymbol[] {
  const listed = spawnSync('nm', ['-C', '-n', '--defined-only', '--print-size', addonPath], { encoding: 'utf8', maxBuffer: 1 << 26 })
  if (listed.status !== 0) throw new Error(`nm ${addonPath}: ${listed.error?.message ?? listed.stderr}`)
  return listed.stdout.split('\n').flatMap((line) => {
    const found = /^(\w{16}) (\w{16}) [tTwW] (.*sharedctypes::.*)$/.exec(line)
    if (found === null || /\.cold/.test(line)) return []
    return [
      { name: nameOf(found[3] as string), address: Number.parseInt(found[1] as string, 16), size: Number.parseInt(found[2] as string, 16) },
    ]
  })
}

export function symbolAt(symbols: readonly NativeSymbol[], address: number): string {
  const symbol = symbols.find((each) => address >= each.address && address < each.address + each.size)
  return symbol?.name ?? 'sharedctypes.node'
}
