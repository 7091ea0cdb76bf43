/** Damage to the bytes of a ShareableList: single bytes, words at the edges of their range, formats of all kinds. */
import fc from 'fast-check'

export type Damage =
  | { readonly at: number; readonly byte: number }
  | { readonly at: number; readonly word: bigint }
  | { readonly at: number; readonly text: string }

/** Words at the edges of their range. */
export const edges = [
  0n,
  1n,
  7n,
  8n,
  9n,
  16n,
  255n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 60n,
  2n ** 61n,
  2n ** 63n - 1n,
  -1n,
  -8n,
  -(2n ** 63n),
]
export const someChanges: fc.Arbitrary<Damage[]> = fc.array(
  fc.oneof(
    fc.record({ at: fc.nat(), byte: fc.nat(255) }),
    fc.record({ at: fc.nat(), word: fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })) }),
    fc.record({
      at: fc.nat(),
      text: fc.constantFrom('q', 'd', '?', '8s', '9s', '0s', '-1s', '999999s ', '99999999', '8s ', '7s ', ' s', 's', '8sq', '16s\0x', 'ÿÿ'),
    }),
  ),
  { minLength: 1, maxLength: 4 },
)
export function changed(sound: Buffer, changes: readonly Damage[]): Buffer {
  const bytes = Buffer.from(sound)
  for (const change of changes) {
    if ('byte' in change) bytes[change.at % bytes.length] = change.byte
    else if ('word' in change) bytes.writeBigInt64LE(change.word, 8 * (change.at % Math.floor(bytes.length / 8)))
    else bytes.write(change.text.padEnd(8, '\0').slice(0, 8), 8 * (change.at % Math.floor(bytes.length / 8)), 'latin1')
  }
  return bytes
}
