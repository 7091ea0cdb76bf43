/** What SharedMemory refuses: code, class, the argument's name in the message, and nothing left in /dev/shm or open. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { SharedMemory } from '../../lib/index.js'
import {
  type Coded,
  descriptors,
  outOfRange,
  refused,
  removeNames,
  shmPath,
  thrownBy,
  uniqueName,
  wrongType,
} from '../fixtures/unit-helpers.js'
import { ownShmFiles } from '../helpers/shm-files.js'

const nothingMade = () => expect(ownShmFiles()).to.deep.equal([])

type Options = ConstructorParameters<typeof SharedMemory>[0]
const make = (options: unknown) => new SharedMemory(options as Options)

describe('SharedMemory refuses', () => {
  let open: number
  beforeEach(() => {
    open = descriptors().length
  })
  afterEach(() => {
    removeNames()
    expect(descriptors().length).to.equal(open)
  })

  for (const size of [0, -1, -0, 0.5, 10.5, Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 2 ** 53, 1e300]) {
    it(`a size of ${Object.is(size, -0) ? '-0' : size} at creation`, () => {
      outOfRange(() => make({ name: uniqueName(), create: true, size }), '`options.size`')
      outOfRange(() => make({ create: true, size }), '`options.size`')
      nothingMade()
    })
  }
  it('no size at creation', () => {
    outOfRange(() => make({ name: uniqueName(), create: true }), '`options.size`')
    outOfRange(() => make({ create: true, size: undefined }), '`options.size`')
    nothingMade()
  })
  for (const size of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`a size of ${size} where it attaches`, () => {
      using memory = new SharedMemory({ name: uniqueName(), create: true, size: 4 })
      outOfRange(() => make({ name: memory.name, size }), '`options.size`')
    })
  }
  for (const size of ['10', null, 10n, true, {}, [10], Symbol('size'), () => 10]) {
    it(`a size of type ${size === null ? 'null' : typeof size}`, () => {
      wrongType(() => make({ name: uniqueName(), create: true, size }), '`options.size`')
      nothingMade()
      using memory = new SharedMemory({ name: uniqueName(), create: true, size: 4 })
      wrongType(() => make({ name: memory.name, size }), '`options.size`')
    })
  }
  it('a size beyond memory, and beyond what an address can say', () => {
    for (const size of [2 ** 46, 2 ** 47, 2 ** 52, Number.MAX_SAFE_INTEGER]) {
      for (const name of [uniqueName(), undefined]) {
        const { code } = thrownBy(() => make({ name, create: true, size }))
        expect(code, String(size)).to.be.oneOf(['ENOSPC', 'ENOMEM', 'EFBIG', 'ERR_OUT_OF_RANGE'])
      }
    }
    nothingMade()
  })

  it('no name where it attaches', () => {
    for (const options of [undefined, {}, { create: false }, { size: 10 }, { name: undefined, create: false }])
      wrongType(() => make(options), '`options.name`')
  })
  for (const name of [5, null, true, {}, ['name'], Symbol('name'), Buffer.from('name')]) {
    it(`a name of type ${name === null ? 'null' : Object.prototype.toString.call(name)}`, () => {
      wrongType(() => make({ name, create: true, size: 1 }), '`options.name`')
      wrongType(() => make({ name }), '`options.name`')
    })
  }
  const names = ['', '/', '.', '..', '/.', 'a/b', '../x', 'a/', 'a\0', '\0', 'x'.repeat(256), '€'.repeat(86), '\ud800']
  for (const name of names) {
    it(`the name ${JSON.stringify(name.slice(0, 20))} of ${Buffer.byteLength(name)} bytes`, () => {
      outOfRange(() => make({ name, create: true, size: 1 }), '`options.name`')
      outOfRange(() => make({ name }), '`options.name`')
    })
  }

  it('options that are none, and a `create` that is no boolean', () => {
    for (const options of [5, 'name', null, true, () => {}, Symbol('options')]) wrongType(() => make(options), '`options`')
    for (const create of [1, 'true', null, {}]) wrongType(() => make({ name: uniqueName(), create, size: 1 }), '`options.create`')
    nothingMade()
  })
  it('to be called without new', () => {
    expect(() => (SharedMemory as unknown as (options: Options) => unknown)({ create: true, size: 1 })).to.throw(TypeError)
  })

  /** A failed system call, as Node tells of one. */
  const system = (call: () => unknown, code: string, errno: number, path: string): Coded => {
    const error = refused(call, code)
    expect(error).to.include({ errno, path })
    expect(error.syscall).to.be.a('string')
    return error
  }

  it('a name that exists: EEXIST, and the block stays as it is', () => {
    using memory = new SharedMemory({ name: uniqueName(), create: true, size: 4 })
    memory.buf[0] = 1
    const name = memory.name as string
    system(() => make({ name, create: true, size: 8 }), 'EEXIST', -17, shmPath(name))
    expect([memory.size, memory.buf[0]]).to.deep.equal([4, 1])
    using attached = new SharedMemory({ name })
    expect(attached.size).to.equal(4)
  })
  it('a name that is missing: ENOENT', () => {
    const name = uniqueName()
    system(() => make({ name }), 'ENOENT', -2, shmPath(name))
  })

  describe('what is no block', () => {
    it('an empty file: ERR_TYPE_MISMATCH, and it stays', () => {
      const name = uniqueName()
      writeFileSync(shmPath(name), '')
      expect(refused(() => make({ name }), 'ERR_TYPE_MISMATCH').name).to.equal('TypeMismatchError')
      expect(existsSync(shmPath(name))).to.equal(true)
      system(() => make({ name, create: true, size: 1 }), 'EEXIST', -17, shmPath(name))
    })
    it('a folder or a pipe', () => {
      const [folder, pipe] = [uniqueName(), uniqueName()]
      mkdirSync(shmPath(folder))
      execFileSync('mkfifo', [shmPath(pipe)])
      for (const name of [folder, pipe]) expect(thrownBy(() => make({ name })).code).to.be.oneOf(['ERR_TYPE_MISMATCH', 'EISDIR', 'ENXIO'])
    })
    it('a symbolic link is not followed', () => {
      const [link, target] = [uniqueName(), uniqueName()]
      writeFileSync(shmPath(target), 'target')
      symlinkSync(shmPath(target), shmPath(link))
      expect(thrownBy(() => make({ name: link })).code).to.be.oneOf(['ELOOP', 'ERR_TYPE_MISMATCH'])
    })
  })

  it('a sparse file larger than memory: ENOSPC, not a SIGBUS later', () => {
    const name = uniqueName()
    writeFileSync(shmPath(name), 'x')
    truncateSync(shmPath(name), 2 ** 42)
    expect(thrownBy(() => make({ name })).code).to.be.oneOf(['ENOSPC', 'ENOMEM'])
  })

  it("another user's block: EACCES to attach, EPERM or EACCES to unlink", function () {
    if (process.getuid?.() !== 0) this.skip() // it takes root to become somebody else
    using memory = new SharedMemory({ name: uniqueName(), create: true, size: 4 })
    const name = memory.name as string
    process.seteuid?.(65534)
    try {
      system(() => make({ name }), 'EACCES', -13, shmPath(name))
      expect(thrownBy(() => memory.unlink()).code).to.be.oneOf(['EPERM', 'EACCES'])
    } finally {
      process.seteuid?.(0)
    }
    expect(existsSync(shmPath(name))).to.equal(true)
  })
})
