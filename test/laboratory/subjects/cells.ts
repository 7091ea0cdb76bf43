/** Auto-named blocks that processes tell of: their names are 8 hex digits, which is a word. */
import { existsSync } from 'node:fs'
import { RawArray } from '../../../lib/index.js'
import { SLOTS } from '../board.js'

/** So many for each process. */
export const CELLS = 4

export type Words = RawArray<'c_int32'>

export const makeCells = (): Words => RawArray('c_int32', SLOTS * CELLS)

export const wordOf = (name: string): number => Number.parseInt(name.replace('psm_', ''), 16) | 0
export const nameOf = (word: number): string => `psm_${(word >>> 0).toString(16).padStart(8, '0')}`
export const exists = (name: string): boolean => existsSync(`/dev/shm/${name}`)

export function cellsOf(cells: Words, slot: number): string[] {
  return Array.from({ length: CELLS }, (_, i) => Atomics.load(cells, slot * CELLS + i))
    .filter((word) => word !== 0)
    .map(nameOf)
}
