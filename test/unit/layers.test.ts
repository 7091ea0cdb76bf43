/** The layers of the source: imports point downwards only, and the core knows nothing of Node. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { expect } from 'chai'
import { root } from '../fixtures/unit-helpers.js'

/** From the bottom up; a layer may import from itself and from what stands before it. */
const layers = [
  ['errors.ts', 'check.ts', 'native.ts'],
  ['ctypes'],
  ['memory'],
  ['sync'],
  ['sharedctypes'],
  ['shm'],
  ['process'],
  ['index.ts'],
  ['cli', 'testing'],
]
/** Of the uppermost layer, which don't know each other. */
const tops = ['cli', 'testing']

const lib = join(root, 'lib')
const filesUnder = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

/** The layer of a file of lib/, by its number. */
function layerOf(path: string): number {
  const [top = ''] = relative(lib, path).split('/')
  return layers.findIndex((names) => names.includes(top))
}

/** What a module imports, also for its types, also dynamically. */
function importsOf(path: string): string[] {
  const source = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  return [...source.matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*['"]([^'"]+)['"]/g)].map(([, specifier = '']) => specifier)
}

describe('layers', () => {
  const files = filesUnder('lib').filter((path) => path.endsWith('.ts'))

  it('hold every file', () => {
    expect(files.length).to.be.above(20)
    for (const path of files) expect(layerOf(path), path).to.be.at.least(0)
  })

  for (const path of files) {
    const name = relative(root, path)
    it(`${name} imports nothing from above`, () => {
      for (const specifier of importsOf(path).filter((each) => each.startsWith('.'))) {
        const target = resolve(path, '..', specifier)
        if (relative(root, target).startsWith('typings')) expect(name, specifier).to.equal('lib/native.ts')
        else {
          expect(relative(root, target), specifier).to.match(/^lib\//)
          expect(layerOf(target.replace(/\.js$/, '.ts')), `${name} imports ${specifier}`).to.be.within(0, layerOf(path))
          const [from = '', to = ''] = [path, target].map((each) => relative(lib, each).split('/')[0])
          if (tops.includes(to)) expect(from, `${name} imports ${specifier}`).to.equal(to)
        }
      }
    })
  }

  it('only lib/testing knows fast-check, and imports it where it is asked for alone', () => {
    for (const path of files) {
      const source = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
      const imports = [...source.matchAll(/^.*['"]fast-check['"].*$/gm)].map(([line]) => line)
      if (layerOf(path) === layers.length - 1 && relative(lib, path).startsWith('testing/'))
        for (const line of imports) expect(line, path).to.match(/^import type |await import\(/)
      else expect(imports, path).to.deep.equal([])
    }
  })

  it('only lib/native.ts loads the addon', () => {
    for (const path of files) {
      if (relative(root, path) !== 'lib/native.ts')
        expect(readFileSync(path, 'utf8'), path).to.not.match(/createRequire\([^)]*\)\([^)]*\.node|process\.dlopen|['"][^'"]*\.node['"]/)
    }
  })

  it('index.ts re-exports and does nothing else', () => {
    const source = readFileSync(join(lib, 'index.ts'), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
    expect(source.replace(/export (type )?\{[^}]*\} from '[^']+'/g, '').trim()).to.equal('')
  })

  it('native/core includes no header of Node and none of native/binding', () => {
    const core = filesUnder('native/core')
    expect(core.length).to.be.above(5)
    for (const path of core) {
      const included = [...readFileSync(path, 'utf8').matchAll(/^\s*#\s*include\s*[<"]([^>"]+)[>"]/gm)].map(([, header = '']) => header)
      for (const header of included) {
        expect(header, path).to.not.match(
          /(^|\/)(napi|napi-inl|node|node_api|node_buffer|js_native_api|js_native_api_types|uv|v8)(\.h|[-/])/,
        )
        expect(header, path).to.not.match(/\.\.\/|binding/)
      }
    }
  })
})
