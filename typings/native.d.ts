/** A process that uses a segment, or one that is gone and whose permits or reads have not been given back yet. `pid` 0: unknown. */
export interface SeenUser {
  readonly pid: number
  readonly alive: boolean
  /** Permits of a semaphore, reads of an RWLock. */
  readonly held: number
}

/** What a segment says of itself. Kinds and `type` as in native/core/layout.h; an arena has kind 0. */
export interface SeenSegment {
  readonly found: 'object' | 'arena'
  readonly objectKind: number
  readonly lockKind: number
  readonly type: number
  readonly typeName: string
  readonly length: number
  readonly elementSize: number
  readonly dataOffset: number
  readonly semaphoreFile: boolean
  readonly creator: number
  readonly users: SeenUser[]
  /** Of an arena. */
  readonly objects?: number
  /** `tid` 0: free. `pid`: as the holder signed, 0 for a program in C. */
  readonly lock?: { readonly tid: number; readonly pid: number; readonly flow: boolean; readonly ownerDied: boolean }
  /** Semaphores. */
  readonly value?: number
  /** Bounded ones. */
  readonly bound?: number
  /** RWLocks. */
  readonly readers?: number
  readonly writerWaits?: boolean
  readonly writerInside?: boolean
  /** Events. */
  readonly set?: boolean
  /** Barriers. */
  readonly parties?: number
  readonly broken?: boolean
  /** Waits in line; at a Barrier parties. */
  readonly waiting?: number
}

/** What {@link Native.inspectFile} found. `other`: nothing of ours. `plain semaphore`: 32 bytes that may be a C program's sem_t. */
export type SeenFile =
  | SeenSegment
  | { readonly found: 'other' }
  | { readonly found: 'damaged'; readonly fault: string }
  | { readonly found: 'plain semaphore'; readonly value: number }

/**
 * The addon's contract, kept by hand beside native/binding. Only lib/native.ts loads it.
 *
 * Most functions take no arguments and give nothing back: a call with arguments costs half as much again as one without, and those on the
 * hot path cost little else. They read what they need from `regs` and leave their answer there.
 */
export interface Native {
  /** Arguments and answers of the functions below that take none. One for each JavaScript thread. */
  readonly regs: Float64Array

  // Locks. In: regs[0] = address of the lock (0: closed). Out: regs[0] = one of the answers in lib/sync/native-lock.ts.

  /** Takes the lock if it is free. */
  lockTry(): void
  /** The same for an asynchronous flow: `lockRelease` will step aside for it. */
  lockTryFlow(): void
  /** Waits for the lock, blocking the thread. In: regs[1] = ms at most. */
  lockWait(): void
  lockRelease(): void
  /** Releases what lockRelease stepped aside for. In: regs[1] = -1 mended, else the dead owner's pid to leave behind. Out: regs[2] = 1 if others wait. */
  lockReleaseAs(): void
  /** One level deeper into a recursive lock that this thread holds. */
  lockDeepen(): void
  /** Out: regs[1] = owning thread (0: free), regs[2] = its process, regs[3] = 1 if an owner died unmended, regs[4] = 1 if it is this thread's, regs[5] = 1 if for a flow, regs[6] = levels of this thread's. */
  lockLook(): void
  /** What this thread holds it holds for an asynchronous flow from now on. */
  lockToFlow(): void

  // Asynchronous waits. In: regs[8] = token, regs[9] = queue.

  /** Where the tokens of watched waits go when they look ready. Answers the number of the queue. */
  onReady(callback: (tokens: number[]) => void): number
  /** In: regs[0] = lock. Tells once. */
  watchLock(): void
  /** In: regs[0..3] as for waiting in line, regs[4] = one of WaitKind, regs[5] = offset of the object's data, regs[6] = address of an RWLock's mutex, regs[7] = an Event's word when the wait began. Tells once. */
  watchRecord(): void
  unwatch(): void
  /** Whether pending waits keep the process alive. */
  keepAlive(queue: number, alive: boolean): void

  // Waiting in line. In: regs[0] = segment, regs[1] = key (an offset in it), regs[2] = offset of the word that counts its records (0: none),
  // regs[3] = record (-1: none).

  /** In: regs[4] = offset of a 32-bit word that must have the value regs[5] (0: none). Out: regs[0] = 0 waiting, 1 changed, 2 no room; regs[3] = record. */
  waitPark(): void
  /** Blocks. In: regs[4] = ms at most. Out: regs[0] = 1 if something is granted. */
  waitSleep(): void
  /** Uses up what was granted. Out: regs[0] = to how many waits; regs[3] = -1 if the record stands for none any more. */
  waitTake(): void
  /** One wait less. Out: regs[0] = 1 if it had been granted; regs[3] as above. */
  waitLeave(): void
  /** Forgets what was granted. */
  waitAgain(): void
  /** Passes on what was granted to the dead. */
  waitTend(): void
  /** In: regs[4] = how many, -1: all. Out: regs[0] = how many living waits were woken. */
  unpark(): void

  // Semaphores. The first two: in: regs[0] = address of the Ledger (0: closed) * 64 + our slot.

  /** Out: regs[0] = 0 taken, 1 not. */
  semTry(): void
  /** Out: regs[0] = 0 done; 1 done, now semPassOn; 2 not, use semReleaseMany. */
  semRelease(): void
  /** This and the rest: in: regs[0..1] = segment, offset; regs[2] = first value, regs[3] = bound. */
  semInit(): void
  /** After one was opened by name. */
  semOpened(): void
  /** In: regs[2] = how many. Out: regs[0] = 1 done, 0 too many. */
  semReleaseMany(): void
  semPassOn(): void
  /** Blocks. In: regs[3] = record or -1, regs[4] = ms at most. Out: regs[0] = 0 taken, 1 time is up, 2 no room; regs[3] = record. */
  semWait(): void
  /** In: regs[3] = record. */
  semLeave(): void
  /** Out: regs[0] = value, regs[1] = bound. */
  semLook(): void
  /** The file behind a POSIX semaphore's name. */
  semaphoreFileName(name: string): string
  /** Makes one that a program in C made one of ours. */
  adoptSemaphore(fileName: string, kind: number, bound: number): void

  // RWLocks. The first three: in: regs[0] = address of the Ledger (0: closed), regs[1] = our slot.

  /** Out: regs[0] = 0 reading, 1 not. */
  readTry(): void
  /** The same for who holds the mutex. */
  readTryPastWriter(): void
  /** Out: regs[0] = 0 done; 1 done, now readWake; 2 not: this process reads nothing. */
  readRelease(): void
  /** This and the rest: in: regs[0..1] = segment, offset. */
  rwInit(): void
  readWake(): void
  /** In: regs[2] = 1: no new readers come in, where there are some. Out: regs[0] = 1 inside, 0: there are readers. */
  writeEnter(): void
  writeLeave(): void
  /** Out: regs[0] = readers, regs[1] = 0 no writer, 1 one waits, 2 one is inside. */
  rwLook(): void

  // Barriers. In: regs[0..1] = segment, offset; regs[3] = record. Out: regs[0] = one of Arrival.

  /** In: regs[4] = 1 if this caller can run the action. Out: regs[3] = record, regs[4] = index. */
  barrierArrive(): void
  barrierLook(): void
  barrierRelease(): void
  barrierLeave(): void
  barrierBreak(): void
  barrierReset(): void
  barrierTend(): void
  /** This process may be a party from now on: it breaks the barrier if it is killed. */
  barrierJoin(): void
  /** This process exits in good order, and is no party of anything any more. */
  barrierResignAll(): void

  // Memory. Functions that make or open an object answer in regs: 0 = 0 done or 1 failed (then throwLastError), 1 segment, 2 block,
  // 3 generation, 4 lock's offset in the segment or -1, 5 data's offset, 6 object kind, 7 lock kind, 8 type, 9 length, 10 element size.

  /** In: regs[0..4] = object kind, lock kind, type, length, element size. */
  createSmall(): void
  /** In: regs[0..2] = segment, offset, generation. */
  openSmall(): void
  /** In: regs[0..2] = segment, block, lock's address or 0; regs[3] = 1: its memory goes at once, if this is the last use. Out: regs[0] = 1 if it is the last use here and this thread holds the lock; then nothing is closed. */
  close(): void
  /** Keeps an open object from being freed, whoever closes it here, until `letGo`. In: regs[0..1] = segment, offset. */
  keep(): void
  letGo(): void
  throwLastError(): never
  /** In: regs as for createSmall. `named`: lies in /dev/shm, without a name until `publish`. `posixSemaphore`: a file that sem_open opens. */
  createLarge(typeName: string, named: boolean, mode: number, posixSemaphore: boolean): void
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
    slot: number
    arena: boolean
    createdHere: boolean
  }
  /** An ArrayBuffer over mapped memory, to be detached before the memory can go. Work in Node's thread pool that uses it then goes on, without harm. */
  view(segment: number, address: number, bytes: number): ArrayBuffer
  detach(buffer: ArrayBuffer): void
  /** A descriptor of an anonymous file that holds a copy of `bytes`. */
  memoryFile(bytes: Uint8Array): number
  /** Closes it. Not node:fs, which warns in worker threads of descriptors that it did not open. */
  closeFile(fd: number): void

  // Raw blocks. Functions that make or open one answer in regs: 0 number, 1 size, 2 descriptor, 3 inode, 4 device.

  /** Without a name until `rawPublish`. Removes orphans first, if that is due. */
  rawCreate(size: number): void
  /** Fails as `rawCreate` would for lack of memory. */
  rawCheckRoom(size: number): void
  /** A name from which can be told that it is our choice: then a sweep may remove the block when nobody uses it any more. undefined: no more attempts. */
  rawName(number: number, attempt: number): string | undefined
  rawPublish(number: number, name: string): void
  rawOpen(name: string): void
  /** `pid` 0: a descriptor of our own. */
  rawOpenHandle(pid: number, fd: number, inode: number): void
  /** In: regs[0] = number, regs[1] = 1: its memory goes at once, though something uses an ArrayBuffer's memory still. */
  rawClose(): void
  /** An ArrayBuffer over all of it. */
  rawView(number: number): ArrayBuffer
  rawUnlink(name: string, inode: number, device: number): void
  /** Keeps a block from being unmapped, whoever closes it here, until `rawLetGo`. In: regs[0] = number. */
  rawKeep(): void
  rawLetGo(): void
  /** Removes this user's auto-named raw blocks that nobody uses, and tells their names. `wait`: for another sweep to end; else `busy` says that there is one. */
  sweepOrphans(wait: boolean): { removed: string[]; failed: Error[]; busy: boolean }

  // SharedMemoryManagers.

  /** Starts the program as a helper process. `socket`: a descriptor, the caller's, on which it says one byte when it is ready. */
  startManager(program: string): { manager: object; pid: number; socket: number }
  /** Before the block gets its name. false: the helper does not live. */
  recordManaged(manager: object, name: string, inode: number, device: number): boolean
  /** Removes what still has its name, and ends the helper. Once; `manager` can't be used afterwards. */
  endManager(manager: object): void

  /** Looks at what a descriptor leads to. Nothing is mapped, locked or changed. */
  inspectFile(fd: number): SeenFile
  /** ms since the machine started, by the clock of /proc/PID/stat. (/proc/uptime may be another's: some containers put one of their own there.) */
  sinceBoot(): number

  /** In: regs[0] = address, regs[1] = 0 add, 1 exchange, 2 compareExchange, regs[2..3] = operands. Out: regs[0] = the old value. */
  float32Operation(): void
  float64Operation(): void
}
