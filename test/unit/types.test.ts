/** What TypeScript infers. These are tests of the compiler: that this file compiles is most of them; each value is also looked at as it runs. */
import { expect } from 'chai'
import koffi from 'koffi'
import * as mp from '../../lib/index.js'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
/** Compiles only where the two types are the same. */
const same = <A, B>(_proof: Same<A, B>): void => {}
/** Compiles only where the value is of the type. */
const is = <T>(value: T): T => value
/** Code for the compiler alone. */
const never = (_code: () => unknown): void => {}

const Inner = mp.struct('Inner', { flag: 'c_bool', tag: 'c_char' })
const Everything = mp.struct('Everything', {
  byte: 'c_byte',
  long: 'l',
  float: mp.c_float,
  inner: Inner,
  ints: ['c_int', 3],
  longs: [mp.c_long, 2],
  text: ['c_char', 8],
  flags: ['c_bool', 2],
  inners: [Inner, 2],
})

describe('inference', () => {
  it('the value of a Value, by name, typecode and constant', () => {
    using flag = mp.Value('c_bool', true)
    using char = mp.Value('c', 'x')
    using int = mp.Value(mp.c_int, 1)
    using long = mp.Value('q', 1)
    using double = mp.RawValue('c_double', 1)
    using raw = mp.Value('c_int', 1, { lock: false })
    same<typeof flag.value, boolean>(true)
    same<typeof char.value, string>(true)
    same<typeof int.value, number>(true)
    same<typeof long.value, bigint>(true)
    same<typeof double.value, number>(true)
    same<typeof raw.value, number>(true)
    long.value = 5
    expect([flag.value, char.value, int.value, long.value, double.value]).to.deep.equal([true, 'x', 1, 5n, 1])
  })

  it('every integer type is read as number or bigint by its size', () => {
    never(() => {
      is<number>(mp.RawValue('c_byte').value + mp.RawValue('B').value + mp.RawValue('c_int16').value + mp.RawValue('c_uint32').value)
      is<bigint>(mp.RawValue('c_size_t').value + mp.RawValue('L').value + mp.RawValue('c_int64').value + mp.RawValue('c_ssize_t').value)
    })
  })

  it('what may be written', () => {
    never(() => {
      // @ts-expect-error: a string is no number
      mp.Value('c_int', '1')
      // @ts-expect-error: a bigint is none either
      mp.Value('c_int', 1n)
      // @ts-expect-error: a number is no boolean
      mp.RawValue('c_bool', 1)
      // @ts-expect-error: no such type
      mp.Value('c_quux')
      // @ts-expect-error: no such typecode
      mp.Value('z')
      // @ts-expect-error: a bigint is no double
      mp.Value('c_double').value = 1n
      // @ts-expect-error: there is no field z
      mp.Value(Inner, { flag: true, tag: 'a', z: 1 })
      // @ts-expect-error: all fields are needed
      mp.Value(Inner, { flag: true })
      // @ts-expect-error: of the right type
      mp.Value(Inner, { flag: true, tag: 1 })
      // @ts-expect-error: options are no string
      mp.Value('c_int', 0, 'name')
      mp.Value('c_long', 1).value = 1n
      mp.Value(Inner, { flag: true, tag: 'a' }).value = { flag: false, tag: 'b' }
    })
  })

  it('the atomic operations that a type has', () => {
    using int = mp.Value('c_int', 1)
    using long = mp.Value('c_long', 1)
    using float = mp.Value('c_float', 1)
    same<ReturnType<typeof int.add>, number>(true)
    same<ReturnType<typeof long.add>, bigint>(true)
    same<ReturnType<typeof float.compareExchange>, number>(true)
    never(() => {
      // @ts-expect-error: floats have no bits to and
      float.and(1)
      // @ts-expect-error: booleans are no numbers
      mp.Value('c_bool').add(true)
      // @ts-expect-error: structs neither
      mp.Value(Inner).add(1)
      // @ts-expect-error: a bigint is no operand of an int
      int.add(1n)
    })
    expect([int.add(1), long.add(1), float.add(1)]).to.deep.equal([1, 1n, 1])
  })

  it('an Array of numbers is a typed array', () => {
    using longs = mp.Array('c_long', 3)
    using bytes = mp.RawArray('B', [1])
    using doubles = mp.Array(mp.c_double, new Set([1]), { lock: false })
    is<BigInt64Array<ArrayBuffer>>(longs)
    is<Uint8Array<ArrayBuffer>>(bytes)
    is<Float64Array<ArrayBuffer>>(doubles)
    is<bigint | undefined>(longs[0])
    is<Int32Array>(mp.Array('c_int', 0).map((each) => each + 1))
    never(() => {
      // @ts-expect-error: a BigInt64Array is no Int32Array
      is<Int32Array>(longs)
      // @ts-expect-error: elements are numbers
      mp.Array('c_int', ['1'])
      // @ts-expect-error: only c_char takes a text
      mp.Array('c_int', '123')
      // @ts-expect-error: numeric arrays have no text
      bytes.value
    })
    expect(longs).to.be.instanceOf(BigInt64Array)
  })

  it('an Array of bytes, texts and structs is a sequence of them', () => {
    using flags = mp.Array('c_bool', 2)
    using text = mp.Array('c_char', 'text')
    using records = mp.RawArray(Inner, 2)
    same<(typeof flags)[number], boolean>(true)
    same<(typeof text)[number], string>(true)
    same<typeof text.value, string>(true)
    same<typeof text.raw, Buffer<ArrayBuffer>>(true)
    is<boolean | undefined>(records[0]?.flag)
    is<Iterable<boolean>>(flags)
    flags[0] = true
    flags.fill(false).set([true])
    records.set([{ flag: true, tag: 'a' }], 1)
    never(() => {
      // @ts-expect-error: a number is no boolean
      flags[0] = 1
      // @ts-expect-error: no text here
      flags.value
    })
    expect([flags[0], text.value, records[1]?.tag]).to.deep.equal([true, 'text', 'a'])
  })

  it("a struct's fields", () => {
    using value = mp.Value(Everything)
    const record = value.value
    same<typeof record.byte, number>(true)
    same<typeof record.long, bigint>(true)
    same<typeof record.float, number>(true)
    same<typeof record.inner.flag, boolean>(true)
    same<typeof record.ints, Int32Array<ArrayBuffer>>(true)
    same<typeof record.longs, BigInt64Array<ArrayBuffer>>(true)
    is<string>(record.text.value)
    is<boolean | undefined>(record.flags[0])
    is<string | undefined>(record.inners[1]?.tag)
    never(() => {
      // @ts-expect-error: there is no such field
      record.nope
      // @ts-expect-error: a boolean is no number
      record.byte = true
      // @ts-expect-error: no such type
      mp.struct('Bad', { x: 'c_quux' })
    })
    expect(record.ints).to.be.instanceOf(Int32Array)
  })

  it('the lock', async () => {
    using lock = mp.Lock()
    using own = mp.Value('c_int')
    using shared = mp.Value('c_int', 0, { lock })
    using array = mp.Array('c_int', 1, { lock })
    const foreign = { acquire: (): string => 'taken', release: (): void => {}, mine: 1 }
    using other = mp.Value('c_int', 0, { lock: foreign })
    is<mp.RLock>(own.getLock())
    is<mp.Lock>(shared.getLock())
    is<mp.Lock>(array.getLock())
    same<ReturnType<typeof other.getLock>, typeof foreign>(true)
    same<ReturnType<typeof own.acquire>, boolean>(true)
    const text: string = own.withLock(() => 'text')
    const later: Promise<number> = own.withLockAsync(async () => 5)
    never(() => {
      // @ts-expect-error: no lock, no acquire
      mp.RawValue('c_int').acquire()
      // @ts-expect-error: nor with lock: false
      mp.Value('c_int', 0, { lock: false }).getLock()
      // @ts-expect-error: nor in an array
      mp.Array('c_int', 1, { lock: false }).withLock(() => {})
      // @ts-expect-error: a lock has acquire and release
      mp.Value('c_int', 0, { lock: { acquire() {} } })
    })
    expect([text, other.getLock().mine, await later]).to.deep.equal(['text', 1, 5])
  })

  it('copy, synchronized and attach', () => {
    using value = mp.Value('c_long', 5)
    using copied = mp.copy(value)
    using raw = mp.RawArray('c_int', 2)
    using locked = mp.synchronized(raw)
    using attached = mp.attach<typeof value>(value.toJSON())
    same<typeof copied.value, bigint>(true)
    is<Int32Array>(locked)
    is<mp.RLock>(locked.getLock())
    is<Int32Array>(mp.copy(locked))
    same<typeof attached.value, bigint>(true)
    is<mp.SharedObject>(mp.attach(value.toJSON()))
    never(() => {
      // @ts-expect-error: a copy has no lock
      copied.acquire()
    })
    expect(copied.value).to.equal(5n)
  })

  it('elements and fields that are structs take plain objects', () => {
    const Point = mp.struct('Point', { x: 'c_double', tag: ['c_char', 4] })
    const Line = mp.struct('Line', { from: Point, to: Point })
    const lines = mp.Array(Line, 2)
    lines[0] = { from: { x: 1, tag: 'a' }, to: { x: 2, tag: 'b' } } as unknown as (typeof lines)[0]
    expect(lines[0]?.to.x).to.equal(2)
    const plain = mp.Array(mp.struct('Plain', { x: 'c_double' }), 1)
    plain[0] = { x: 3 }
    expect(plain[0].x).to.equal(3)
  })

  it('types and handles can be named', () => {
    const describe = <T extends mp.TypeLike>(type: T): mp.ReadOf<T> => mp.RawValue(type).value
    same<mp.ReadOf<'c_bool'>, boolean>(true)
    same<mp.WriteOf<'c_long'>, bigint | number>(true)
    is<mp.CType>(mp.c_int)
    is<mp.StructType>(Inner)
    is<mp.TypeLike>(koffi.type('int'))
    const handle: mp.Handle = mp.RawValue('c_int').toJSON()
    const counter: mp.Value<'c_int'> = mp.Value('c_int', 1)
    const raw: mp.RawValue<'c_bool'> = mp.RawValue('c_bool')
    const array: mp.Array<'c_double'> = mp.Array('c_double', 3)
    const rawArray: mp.RawArray<'c_char'> = mp.RawArray('c_char', 3)
    expect([describe('c_bool'), handle.kind, counter.value, raw.value, array.length, rawArray.length]).to.deep.equal([
      false,
      'Value',
      1,
      false,
      3,
      3,
    ])
  })
})
