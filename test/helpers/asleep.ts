/** Whether a thread sleeps in a wait for something shared: the kernel says in which system call it is, and on which words. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { untilBusily } from './deferred.js'

/** System calls that sleep on the futex word whose address is their first argument: futex on x64 and arm64, futex_wait. */
const FUTEX = new Set(['202', '98', '455'])
/** futex_waitv sleeps on several: its first argument is the address of a list of them, the second how many they are. */
const FUTEX_WAITV = '449'
/** An entry of that list: the word's value, its address, flags. */
const ENTRY = 24
const ADDRESS = 8
/** Memory that other processes see: of this library, or a POSIX semaphore. */
const SHARED = /^\/memfd:sharedctypes|^\/dev\/shm\//

/** The addresses in a list of futex_waitv's. */
function listed(pid: number, list: bigint, count: number): bigint[] {
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    const bytes = Buffer.alloc(count * ENTRY)
    readSync(memory, bytes, 0, bytes.length, list)
    return Array.from({ length: count }, (_, i) => bytes.readBigUInt64LE(i * ENTRY + ADDRESS))
  } finally {
    closeSync(memory)
  }
}

/**
 * The words that a thread sleeps on. Waits of this library go on in slices of time; who sleeps for ever is about to get in line, at a mutex, or a
 * program in C.
 */
function words(pid: number, tid: number, forEver: boolean): bigint[] {
  const [call = '', first = '0', second = '0', , timeout] = readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'utf8').split(' ')
  if (FUTEX.has(call)) return (timeout === '0x0') === forEver ? [BigInt(first)] : []
  return call === FUTEX_WAITV ? listed(pid, BigInt(first), Number(second)) : []
}

function isShared(pid: number, address: bigint): boolean {
  return readFileSync(`/proc/${pid}/maps`, 'utf8')
    .split('\n')
    .some((line) => {
      const [range = '', , , , , path = ''] = line.split(/\s+/)
      const [from = '0', to = '0'] = range.split('-')
      return SHARED.test(path) && address >= BigInt(`0x${from}`) && address < BigInt(`0x${to}`)
    })
}

export function isAsleep(pid: number, tid: number = pid, forEver = false): boolean {
  try {
    return words(pid, tid, forEver).some((word) => isShared(pid, word))
  } catch {
    return false // it has ended
  }
}

/** Resolves once the thread sleeps on a word in shared memory: from then on it is among those that a wake-up can go to. */
export async function asleep(pid: number, tid: number = pid): Promise<void> {
  await untilBusily(() => isAsleep(pid, tid))
}

/** The same for a program in C that waits without a time-out. */
export async function asleepInC(pid: number): Promise<void> {
  await untilBusily(() => isAsleep(pid, pid, true))
}
