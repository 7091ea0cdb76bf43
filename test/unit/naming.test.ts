/** Named objects: making, opening, telling them apart, removing their names. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { attach, Lock, RawArray, RawValue, Array as SharedArray, struct, Value } from '../../lib/index.js'
import { descriptors, outOfRange, refused, removeNames, shmPath, thrownBy, uniqueName, wrongType } from '../fixtures/unit-helpers.js'
import { kindNames, kinds, Point } from '../fixtures/unit-kinds.js'

/** Expects a failed system call in Node's own form. */
function failed(call: () => unknown, code: string, name: string, syscall: string): void {
  const error = refused(call, code)
  expect(error).to.include({ syscall, path: shmPath(name) })
  expect(error.errno).to.be.a('number').below(0)
  expect(error.message).to.include(code).and.include(shmPath(name))
}

describe('named objects', () => {
  afterEach(removeNames)

  for (const kind of kindNames) {
    const make = kinds[kind]
    describe(kind, () => {
      it('is made with create: true, and then exists', () => {
        const name = uniqueName()
        using object = make({ name, create: true })
        expect(object.name).to.equal(name)
        expect(existsSync(shmPath(name))).to.equal(true)
        const open = descriptors().length
        failed(() => make({ name, create: true }), 'EEXIST', name, 'link')
        expect(descriptors().length).to.equal(open)
      })

      it('is opened with create: false, and must exist', () => {
        const name = uniqueName()
        failed(() => make({ name, create: false }), 'ENOENT', name, 'open')
        expect(existsSync(shmPath(name))).to.equal(false)
        using made = make({ name })
        using opened = make({ name, create: false })
        expect([opened.name, opened.toJSON().segment.inode]).to.deep.equal([name, made.toJSON().segment.inode])
      })

      it('is made or opened where create is absent', () => {
        const name = uniqueName()
        using first = make({ name })
        using second = make({ name })
        expect(second.toJSON().segment.id).to.equal(first.toJSON().segment.id)
      })

      it('stays when all close it, until unlink', () => {
        const name = uniqueName()
        make({ name }).close()
        using again = make({ name, create: false })
        again.unlink()
        expect(existsSync(shmPath(name))).to.equal(false)
        failed(() => again.unlink(), 'ENOENT', name, 'unlink')
        failed(() => make({ name, create: false }), 'ENOENT', name, 'open')
      })

      it('can be unlinked after close', () => {
        const name = uniqueName()
        const object = make({ name })
        object.close()
        object.unlink()
        expect(existsSync(shmPath(name))).to.equal(false)
      })

      it('does not unlink another object that has its name by now', () => {
        const name = uniqueName()
        using first = make({ name })
        first.unlink()
        using second = make({ name, create: true })
        expect(thrownBy(() => first.unlink())).to.include({ code: 'ENOENT', syscall: 'unlink', path: shmPath(name) })
        first.close()
        refused(() => first.unlink(), 'ENOENT')
        expect(existsSync(shmPath(name))).to.equal(true)
        expect(second.name).to.equal(name)
      })

      it('goes by its name, with or without a leading slash', () => {
        const name = uniqueName()
        using object = make({ name: `/${name}` })
        using again = make({ name, create: false })
        expect([object.name, again.name]).to.deep.equal([name, name])
        expect(inspect(object)).to.include(`'${name}'`)
      })

      it('tells its name through a handle', () => {
        using object = make({ name: uniqueName() })
        using attached = attach(JSON.stringify(object))
        expect(attached.name).to.equal(object.name)
        attached.unlink()
        refused(() => object.unlink(), 'ENOENT')
      })

      it('is nothing else: another kind, type or length under the name is ERR_TYPE_MISMATCH', () => {
        const name = uniqueName()
        using object = make({ name })
        const open = descriptors().length
        for (const other of kindNames.filter((each) => each !== kind))
          refused(() => kinds[other]({ name }), 'ERR_TYPE_MISMATCH', Error, name)
        const others = [
          () => Value('c_uint', 5, { name }),
          () => RawValue('c_double', 5, { name }),
          () => RawArray('c_int', 4, { name }),
          () => RawArray('c_int', 1, { name, create: false }),
          () => SharedArray('c_int', [1, 2], { name, create: false }),
          () => Value(struct('Point', { y: 'c_double', x: 'c_double' }), undefined, { name }),
        ]
        for (const other of others) refused(other, 'ERR_TYPE_MISMATCH', Error, name)
        expect(descriptors().length).to.equal(open)
        expect(object.name).to.equal(name)
      })

      it('refuses create: true where anything has the name, and leaves it alone', () => {
        const name = uniqueName()
        writeFileSync(shmPath(name), 'mine')
        failed(() => make({ name, create: true }), 'EEXIST', name, 'link')
        expect(readFileSync(shmPath(name), 'utf8')).to.equal('mine')
      })
    })
  }

  it('keep the value that they were made with, whoever opens them with another', () => {
    const name = uniqueName()
    using first = Value('c_int', 5, { name })
    using second = Value('c_int', 9, { name })
    expect(second.value).to.equal(5)
    second.value = 6
    expect(first.value).to.equal(6)
    using array = RawArray('c_int', [1, 2, 3], { name: uniqueName() })
    using same = RawArray('c_int', [7, 8, 9], { name: array.name })
    expect([...same]).to.deep.equal([1, 2, 3])
  })

  it('check first values before they look at the name', () => {
    const name = uniqueName()
    outOfRange(() => Value('c_byte', 200, { name }), '`initial`')
    outOfRange(() => RawArray('c_byte', [200], { name }), '`initial[0]`')
    wrongType(() => Value(Point, { x: 1 } as never, { name }), 'initial.y')
    expect(existsSync(shmPath(name))).to.equal(false)
  })

  it('are the same by any name of a type with the same bytes', () => {
    const name = uniqueName()
    using first = Value('c_int', 5, { name })
    using second = Value('c_int32', 0, { name, create: false })
    expect([first.value, second.value]).to.deep.equal([5, 5])
    using third = Value(Point, { x: 1, y: 2 }, { name: uniqueName() })
    using fourth = Value(struct('Vector', { x: 'd', y: 'd' }), undefined, { name: third.name, create: false })
    expect(fourth.value.y).to.equal(2)
  })

  it('share their lock', () => {
    const name = uniqueName()
    using first = Value('c_int', 5, { name })
    using second = Value('c_int', 5, { name })
    first.acquire()
    expect([second.getLock().locked, second.getLock().owner?.pid]).to.deep.equal([true, process.pid])
    refused(() => first.close(), 'ERR_DEADLOCK')
    first.release()
    using lock = Lock({ name: uniqueName() })
    using same = Lock({ name: lock.name, create: false })
    lock.acquire()
    refused(() => same.acquire(), 'ERR_DEADLOCK')
    lock.release()
  })

  it('without a name there is nothing to unlink, and nothing in /dev/shm', () => {
    for (const object of [Value('c_int'), RawArray('c_int', 100_000), Lock()]) {
      expect(object.name).to.equal(undefined)
      refused(() => object.unlink(), 'ENOENT')
      object.close()
    }
  })
})
