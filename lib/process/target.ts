/** The target of a Process: a function that the child finds again, by module and name. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parse } from 'es-module-lexer/js'
import { wrongType } from '../check.js'
import { invalidType, SharedCTypesError } from '../errors.js'

/** In a child, the module of its own target is the main module. */
let ownMain: string | undefined

export function setMainModule(url: string): void {
  ownMain = url
}

function mainModule(): string {
  if (ownMain !== undefined) return ownMain
  const entry = process.argv[1]
  if (entry === undefined) throw notExported('The main program is no file, so a child can not import it: give `module`')
  return pathToFileURL(createRequire(join(process.cwd(), 'x')).resolve(entry)).href
}

function notExported(message: string): SharedCTypesError {
  return new SharedCTypesError('ERR_NOT_EXPORTED', message)
}

/** The URL of the module that exports the target. */
export function moduleOf(module: string | URL | undefined): string {
  if (module === undefined) return mainModule()
  if (module instanceof URL) return module.href
  if (typeof module !== 'string' || module === '') throw wrongType('module', 'a URL or a path', module)
  return /^[a-z][a-z0-9+.-]*:/i.test(module) ? module : pathToFileURL(resolve(module)).href
}

interface Exports {
  readonly names: ReadonlySet<string>
  /** `export * from`: there may be more. */
  readonly open: boolean
}

function exportsOfESM(source: string): Exports | undefined {
  try {
    const [imports, exports, , hasModuleSyntax] = parse(source)
    if (!hasModuleSyntax) return undefined
    return {
      names: new Set(exports.flatMap((each) => ('name' in each ? [each.name] : []))),
      open: imports.some((each) => each.type === 'reexport-star'),
    }
  } catch {
    return undefined // TypeScript run through a loader, say: the child will tell
  }
}

/** The exports of a CommonJS module, if this process has loaded it; to load it now would be to run it. */
function exportsOfCJS(path: string): Exports | undefined {
  const loaded = createRequire(import.meta.url).cache[path]
  if (loaded === undefined || !loaded.loaded) return undefined
  return { names: new Set(Object.keys(loaded.exports as object)), open: false }
}

/**
 * @throws ERR_INVALID_ARG_TYPE if it is no named function; ERR_NOT_EXPORTED if the module does not export it under its name; ENOENT if there is
 * no such module
 */
export function checkTarget(target: unknown, url: string): string {
  if (typeof target !== 'function') throw wrongType('target', 'a function exported by a module', target)
  const { name } = target
  const advice = `Write \`export function ${name || 'work'}() {…}\` at the top level of ${url}, or name the module that exports it with \`module\``
  if (name === '') throw notExported(`Expected \`target\` to be exported under its own name, got a function without a name. ${advice}`)
  if (!url.startsWith('file:')) return name
  const path = fileURLToPath(url)
  const exports = exportsOfESM(readFileSync(path, 'utf8')) ?? exportsOfCJS(path)
  if (exports === undefined || exports.open || exports.names.has(name)) return name
  throw notExported(
    `Expected \`target\` to be exported under its own name, but ${url} has no export '${name}' (it has ${[...exports.names].join(', ') || 'none'}). ${advice}`,
  )
}

/** The exported function, in the child. */
export async function loadTarget(url: string, name: string): Promise<(...args: unknown[]) => unknown> {
  const module = (await import(url)) as Record<string, unknown> & { default?: Record<string, unknown> }
  const target = module[name] ?? module.default?.[name]
  if (typeof target === 'function') return target as (...args: unknown[]) => unknown
  throw notExported(`${url} has no exported function '${name}'`)
}

export function checkArgs(args: unknown): unknown[] {
  if (Array.isArray(args)) return args
  throw invalidType(`Expected \`args\` to be an array of the target's arguments, got ${typeof args}`)
}
