/** Items that several workers share among them. */

/** Which items are a worker's, the last one excluded. */
export interface Part {
  readonly from: number
  readonly to: number
}

/** As many for each, but for the last. */
export function parts(length: number, workers: number): Part[] {
  const size = Math.ceil(length / workers)
  return Array.from({ length: workers }, (_, i) => ({ from: i * size, to: Math.min((i + 1) * size, length) }))
}
