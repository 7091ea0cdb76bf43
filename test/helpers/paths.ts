/** Where things lie: tests and fixtures run compiled, from dist/test. */
import { fileURLToPath } from 'node:url'

/** The URL of a compiled fixture. */
export function fixtureUrl(name: string): string {
  return new URL(`../fixtures/${name}.js`, import.meta.url).href
}

/** The path of a compiled fixture. */
export function fixturePath(name: string): string {
  return fileURLToPath(fixtureUrl(name))
}

let names = 0

/** A name for a shared object that no other test run uses. */
export function freshName(what: string): string {
  return `test-${what}-${process.pid}-${++names}`
}
