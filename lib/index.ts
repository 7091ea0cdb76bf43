/** What users import. Re-exports only. */
export type { CType, StructType } from './ctypes/ctype.js'
export type { ReadOf, WriteOf } from './ctypes/names.js'
export {
  c_bool,
  c_byte,
  c_char,
  c_double,
  c_float,
  c_int,
  c_int8,
  c_int16,
  c_int32,
  c_int64,
  c_long,
  c_longlong,
  c_short,
  c_size_t,
  c_ssize_t,
  c_ubyte,
  c_uint,
  c_uint8,
  c_uint16,
  c_uint32,
  c_uint64,
  c_ulong,
  c_ulonglong,
  c_ushort,
} from './ctypes/names.js'
export type { TypeLike } from './ctypes/resolve.js'
/** Names that TypeScript needs when a program re-exports what it made with these. */
export type { FieldsOf, RecordOf } from './ctypes/struct.js'
export { type FieldSpec, struct } from './ctypes/struct.js'
export {
  BrokenBarrierError,
  ClosedError,
  DeadlockError,
  NotOwnerError,
  OverReleaseError,
  OwnerDiedError,
  SharedCTypesError,
  StaleHandleError,
  TimeoutError,
  TypeMismatchError,
} from './errors.js'
export { attach } from './memory/attach.js'
export type { Handle } from './memory/handle.js'
export type { NamedOptions } from './memory/naming.js'
export type { SharedObject } from './memory/shared-object.js'
export { Process, type ProcessOptions } from './process/process.js'
export { type CurrentProcess, currentProcess, isMainProcess } from './process/state.js'
export { RawArray, type SharedArray, SharedArray as Array } from './sharedctypes/array.js'
export { copy, synchronized } from './sharedctypes/derive.js'
export type { LockLike } from './sharedctypes/internals.js'
export type { Synchronized } from './sharedctypes/lock-members.js'
export type {
  ArrayMembers,
  FloatOperations,
  IntegerOperations,
  RawArray as RawArrayType,
  RawValue as RawValueType,
  SharedArray as SharedArrayType,
  Value as ValueType,
  ValueMembers,
} from './sharedctypes/types.js'
export { RawValue, Value } from './sharedctypes/value.js'
export type { ArrayWaits, ValueWaits } from './sharedctypes/wait-members.js'
export type { ShareableItem, ShareableValue } from './shm/list-values.js'
export { SharedMemoryManager } from './shm/manager.js'
export { ShareableList, type ShareableListOptions } from './shm/shareable-list.js'
export { SharedMemory, type SharedMemoryOptions } from './shm/shared-memory.js'
export type { SharedBarrier } from './sync/barrier.js'
export { Barrier, type BarrierOptions } from './sync/barrier.js'
export type { SharedCondition } from './sync/condition.js'
export { Condition } from './sync/condition.js'
export type { SharedEvent } from './sync/event.js'
export { Event } from './sync/event.js'
export type { Hold } from './sync/holding.js'
export { Lock, type LockOptions, RLock } from './sync/lock.js'
export type { Mutex, Owner } from './sync/mutex.js'
export type { AsyncWaitOptions, WaitOptions } from './sync/options.js'
export type { OnOwnerDied } from './sync/owner-died.js'
export type { ReadHalf } from './sync/read-half.js'
export type { SharedRWLock } from './sync/rwlock.js'
export { RWLock, type RWLockOptions } from './sync/rwlock.js'
export type { SharedSemaphore } from './sync/semaphore.js'
export { BoundedSemaphore, Semaphore } from './sync/semaphore.js'
export type { WordWaitResult } from './sync/word-wait.js'
export type { WriteHalf } from './sync/write-half.js'
