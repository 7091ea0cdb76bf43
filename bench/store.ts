/** lmdb as trials use it: a store in a folder that goes with them, not synchronised to a disk, as its README recommends for temporary data. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadPeer } from './peers.js'

export interface Store {
  get(key: string | number): unknown
  getBinaryFast(key: string | number): Uint8Array | undefined
  put(key: string | number, value: unknown): Promise<boolean>
  putSync(key: string | number, value: unknown): void
  /** Reads that follow find what another process has written by now. */
  resetReadTxn(): void
  transactionSync<T>(action: () => T): T
  close(): Promise<void>
}

interface Lmdb {
  open(options: { path: string; noSync: boolean; encoding?: string }): Store
}

export function newFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sharedctypes-bench-lmdb-'))
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  return path
}

/** @param encoding - of the values: `binary` for bytes */
export function openStore(path: string, encoding?: 'binary'): Store {
  return loadPeer<Lmdb>('lmdb').open({ path, noSync: true, ...(encoding && { encoding }) })
}

/** So that what this process leaves is removed at a Ctrl-C as well: a signal alone runs no `exit` handlers. */
export function endBySignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
}
