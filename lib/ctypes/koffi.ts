/**
 * koffi, loaded when it is first needed and not before: to load it takes 10 ms, and a worker thread that is terminated meanwhile takes the process
 * with it (koffi's addon aborts when it can't throw). What it says of the scalar types is asked once and passed on to worker threads.
 */
import { createRequire } from 'node:module'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import type { TypeObject } from 'koffi'

type Koffi = typeof import('koffi')

let loaded: Koffi | undefined

export function koffi(): Koffi {
  loaded ??= createRequire(import.meta.url)('koffi') as Koffi
  return loaded
}

export type Measured = Pick<TypeObject, 'size' | 'alignment' | 'primitive'>

const KEY = 'sharedctypes: C types'

/** Size, alignment and nature of C types, by the names C has for them. */
export function measure(names: readonly string[]): ReadonlyMap<string, Measured> {
  const known = getEnvironmentData(KEY) as unknown
  if (known instanceof Map && names.every((name) => known.has(name))) return known as Map<string, Measured>
  const measured = new Map(
    names.map((name) => {
      const { size, alignment, primitive } = koffi().type(name)
      return [name, { size, alignment, primitive }]
    }),
  )
  setEnvironmentData(KEY, measured as never)
  return measured
}
