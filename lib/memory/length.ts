/** How many bytes an ArrayBuffer can have. */
import { constants } from 'node:buffer'
import { outOfRange } from '../errors.js'

/** @throws ERR_OUT_OF_RANGE for more bytes than Node gives an ArrayBuffer over memory that is not its own: 4 GiB in Node 20 */
export function checkLength(bytes: number, what: string): void {
  if (bytes > constants.MAX_LENGTH) throw outOfRange(`Expected ${what} to have at most ${constants.MAX_LENGTH} bytes, got ${bytes}`)
}
