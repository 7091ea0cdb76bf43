/** Items of a ShareableList, by their Python type: as JavaScript values, and as the lines that go to the Python partner. */
import fc from 'fast-check'

export type Item =
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'none' }
  | { readonly kind: 'str'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Buffer }

/** Kind and content; floats are their 8 bytes in hex, big end first. */
export type Wire = readonly [kind: Item['kind'] | 'object' | 'error', text: string]

/** What JavaScript reads. */
export type Plain = number | bigint | boolean | null | string | Buffer

export const isText = (item: Item): item is Extract<Item, { kind: 'str' | 'bytes' }> => item.kind === 'str' || item.kind === 'bytes'

function floatBytes(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

export function wireOf(item: Item): Wire {
  if (item.kind === 'none') return ['none', '']
  if (item.kind === 'float') return ['float', floatBytes(item.value).toString('hex')]
  if (item.kind === 'bytes') return ['bytes', item.value.toString('hex')]
  return [item.kind, String(item.value)]
}

/** As ours are read: an int is a number where that is exact. */
export function plainOf(item: Item): Plain {
  if (item.kind === 'none') return null
  if (item.kind !== 'int') return item.value
  const number = Number(item.value)
  return Number.isSafeInteger(number) ? number : item.value
}

/** As Python reads it: without the NULs at its end. */
export function strippedOf(item: Item): Item {
  if (item.kind === 'str') return { kind: 'str', value: item.value.replace(/\0+$/, '') }
  if (item.kind !== 'bytes') return item
  let end = item.value.length
  while (end > 0 && item.value[end - 1] === 0) end--
  return { kind: 'bytes', value: item.value.subarray(0, end) }
}

/** The bytes of a str or bytes. */
export const textOf = (item: Item): Buffer => {
  if (item.kind === 'str') return Buffer.from(item.value)
  return item.kind === 'bytes' ? item.value : Buffer.alloc(0)
}

const LIMIT = 2n ** 63n
const ints = fc.oneof(
  fc.integer({ min: -3, max: 3 }).map(BigInt),
  fc.maxSafeInteger().map(BigInt),
  fc.bigInt({ min: -LIMIT, max: LIMIT - 1n }),
  fc.constantFrom(-LIMIT, 1n - LIMIT, LIMIT - 1n, LIMIT - 2n, 2n ** 53n, 2n ** 53n - 1n, 2n ** 53n + 1n, -(2n ** 53n), 1n - 2n ** 53n),
)
const floats = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.constantFrom(5e-324, -5e-324, 2.225073858507201e-308, 1.7976931348623157e308, 0.1, 1e300, 2 ** 53, 2 ** 63, -(2 ** 63), 2 ** 64),
)
/** Of all of Unicode, and of what sits at the edges of a slot: 7, 8, 9 bytes. */
const texts = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('a', '\0', 'é', '€', '😀', '👩‍👩‍👧', '\u{10ffff}', '\ufeff'), maxLength: 12 }),
  fc.nat(4).map((n) => 'x'.repeat(6 + n)),
)
const blobs = fc.oneof(
  fc.uint8Array({ maxLength: 24 }),
  fc.array(fc.constantFrom(0, 1, 255), { maxLength: 18 }).map((bytes) => Uint8Array.from(bytes)),
)

export const someItem: fc.Arbitrary<Item> = fc.oneof(
  ints.map((value): Item => ({ kind: 'int', value })),
  floats.map((value): Item => ({ kind: 'float', value })),
  fc.boolean().map((value): Item => ({ kind: 'bool', value })),
  fc.constant<Item>({ kind: 'none' }),
  texts.map((value): Item => ({ kind: 'str', value })),
  blobs.map((value): Item => ({ kind: 'bytes', value: Buffer.from(value) })),
)

/** Lists of one kind of item too: there the mixture hides nothing. */
export const someItems: fc.Arbitrary<Item[]> = fc.oneof(
  { weight: 3, arbitrary: fc.array(someItem, { maxLength: 8 }) },
  { weight: 2, arbitrary: fc.array(someItem, { maxLength: 60, size: 'max' }) },
)
