/**
 * The addon's contract, kept by hand beside native/binding. Only lib/native.ts loads it.
 *
 * Most functions take no arguments: a Node-API call with arguments costs half as much again as one without, and those on the hot path
 * cost little else. They read what they need from `regs` and leave their answer there.
 */
export interface Native {
  /** Arguments and answers of the functions below that take none. One for each JavaScript thread. */
  readonly regs: Float64Array

  // Locks. In: regs[0] = address of the lock (0: closed). Out: regs[0] = one of the answers in lib/sync/native-lock.ts.

  /** Takes the lock if it is free: undefined. Else true, and regs[0] says why. */
  lockTry(): true | undefined
  /** The same for an asynchronous flow: `lockRelease` will step aside for it. */
  lockTryFlow(): true | undefined
  /** Waits for the lock, blocking the thread. In: regs[1] = ms at most. */
  lockWait(): void
  /** undefined: done. Else true, and regs[0] says why not. */
  lockRelease(): true | undefined
  /** Releases what lockRelease stepped aside for. In: regs[1] = -1 mended, else the dead owner's pid to leave behind. Out: regs[2] = 1 if others wait. */
  lockReleaseAs(): void
  /** One level deeper into a recursive lock that this thread holds. */
  lockDeepen(): void
  /** Out: regs[1] = owning thread (0: free), regs[2] = its process, regs[3] = 1 if an owner died unmended, regs[4] = 1 if it is this thread's, regs[5] = 1 if for a flow. */
  lockLook(): void

  /** Where the tokens of watched locks go when they look free. Answers the number of the queue. */
  onReady(callback: (tokens: number[]) => void): number
  /** In: regs[0] = lock, regs[1] = token, regs[2] = queue. Tells once. */
  watch(): void
  /** In: regs[1] = token, regs[2] = queue. */
  unwatch(): void
  /** Whether pending waits keep the process alive. */
  keepAlive(queue: number, alive: boolean): void

  // Memory. Functions that make or open an object answer in regs: 0 = 0 done or 1 failed (then throwLastError), 1 segment, 2 block,
  // 3 generation, 4 lock's offset in the segment or -1, 5 data's offset, 6 object kind, 7 lock kind, 8 type, 9 length, 10 element size.

  /** In: regs[0..4] = object kind, lock kind, type, length, element size. */
  createSmall(): void
  /** In: regs[0..2] = segment, offset, generation. */
  openSmall(): void
  /** In: regs[0..2] = segment, block, lock's address or 0. Out: regs[0] = 1 if it is the last use here and this thread holds the lock; then nothing is closed. */
  close(): void
  /** Keeps an open object from being freed, whoever closes it here, until `letGo`. In: regs[0..1] = segment, offset. */
  keep(): void
  letGo(): void
  throwLastError(): never
  /** In: regs as for createSmall. `named`: lies in /dev/shm, without a name until `publish`. */
  createLarge(typeName: string, named: boolean, mode: number): void
  openNamed(name: string): void
  /** `fd` < 0: only if this process has the segment; `pid` 0: a descriptor of our own. */
  openHandle(id: string, pid: number, fd: number, inode: number, offset: number, generation: number): void
  publish(segment: number, name: string): void
  unlinkNamed(name: string, inode: number, device: number): void
  describe(segment: number): {
    id: string
    fd: number
    inode: number
    device: number
    base: number
    size: number
    arena: boolean
    createdHere: boolean
  }
  /** An ArrayBuffer over mapped memory, to be detached before the memory can go. */
  view(address: number, bytes: number): ArrayBuffer
  detach(buffer: ArrayBuffer): void
  /** A descriptor of an anonymous file that holds a copy of `bytes`. */
  memoryFile(bytes: Uint8Array): number
  /** Closes it. Not node:fs, which warns in worker threads of descriptors that it did not open. */
  closeFile(fd: number): void

  /** In: regs[0] = address, regs[1] = 0 add, 1 exchange, 2 compareExchange, regs[2..3] = operands. Out: regs[0] = the old value. */
  float32Operation(): void
  float64Operation(): void
}
