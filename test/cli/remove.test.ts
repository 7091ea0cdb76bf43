/** rm, and the names that it takes. */
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import fc from 'fast-check'
import { filesNamed, showName } from '../../lib/cli/names.js'
import type { Removal } from '../../lib/cli/rm.js'
import { Semaphore, Value } from '../../lib/index.js'
import { removeNames, semPath, shmPath, uniqueName } from '../fixtures/unit-helpers.js'
import { cli, list } from '../helpers/cli.js'

async function rm(...names: string[]): Promise<Removal & { code: number | null }> {
  const { code, stdout } = await cli('rm', '--json', '--', ...names)
  return { code, ...(JSON.parse(stdout) as Removal) }
}

describe('sharedctypes rm', () => {
  afterEach(removeNames)

  it('removes objects, semaphores and blocks; who has them open goes on', async () => {
    const [object, semaphore, block] = [uniqueName(), uniqueName(), uniqueName()]
    using value = Value('c_int', 7, { name: object })
    Semaphore(1, { name: semaphore }).close()
    writeFileSync(shmPath(block), 'bytes')
    const { code, stdout, stderr } = await cli('rm', object, `sem.${semaphore}`, `/${block}`)
    expect([code, stdout, stderr]).to.deep.equal([0, `removed ${object}\nremoved sem.${semaphore}\nremoved ${block}\n`, ''])
    for (const path of [shmPath(object), semPath(semaphore), shmPath(block)]) expect(existsSync(path), path).to.equal(false)
    expect(value.value).to.equal(7)
  })

  it('goes on after a missing one, says which, and ends with 1', async () => {
    const [first, missing, last] = [uniqueName(), uniqueName(), uniqueName()]
    for (const name of [first, last]) writeFileSync(shmPath(name), 'bytes')
    const { code, removed, failed } = await rm(first, missing, last)
    expect([code, removed]).to.deep.equal([1, [first, last]])
    expect(failed.map(({ name, code }) => [name, code])).to.deep.equal([[missing, 'ENOENT']])
    const { code: again, stdout, stderr } = await cli('rm', missing)
    expect([again, stdout]).to.deep.equal([1, ''])
    expect(stderr).to.include('ENOENT').and.include(missing)
    expect((await cli('inspect', missing)).code).to.equal(1)
  })

  it('touches nothing outside /dev/shm, and no directory', async () => {
    const outside = join(tmpdir(), uniqueName())
    writeFileSync(outside, 'precious')
    const [folder, link] = [uniqueName(), uniqueName()]
    mkdirSync(shmPath(folder))
    writeFileSync(shmPath(`${folder}/file`), 'precious')
    symlinkSync(outside, shmPath(link))
    const bad = [
      '..',
      '.',
      '',
      '/',
      '//',
      `../..${outside}`,
      outside,
      `${folder}/file`,
      `x\\x2f..\\x2f..\\x2f${outside}`,
      'a'.repeat(256),
      folder,
    ]
    const { code, removed, failed } = await rm(...bad, link)
    expect([code, removed]).to.deep.equal([1, [link]])
    expect(failed.map(({ name }) => name)).to.deep.equal(bad)
    for (const { name, code } of failed) expect(code, name).to.be.oneOf(name === folder ? ['EISDIR', 'EPERM'] : ['ERR_OUT_OF_RANGE'])
    for (const path of [outside, shmPath(`${folder}/file`)]) expect(existsSync(path), path).to.equal(true)
  })

  it('takes names as ls shows them, whatever bytes they are', async () => {
    const prefix = uniqueName()
    const tails = [' spaced', '\x1b[31mred', 'two\nlines', 'back\\slash', 'é', '\u202eabc', '\\x41', '-option']
    const names = [
      ...tails.map((tail) => Buffer.from(prefix + tail)),
      Buffer.concat([Buffer.from(prefix), Buffer.from([0xff, 0xe9, 0x5c])]),
    ]
    for (const name of names) writeFileSync(Buffer.concat([Buffer.from('/dev/shm/'), name]), 'bytes')
    const shown = Object.values(await list(prefix)).map(({ name }) => name as string)
    expect(shown.sort()).to.deep.equal(names.map(showName).sort())
    for (const name of shown) expect(name).to.match(/^[\p{L}\p{N}\p{P}\p{S} ]*$/u)
    const { code, removed } = await rm(...shown)
    expect([code, removed]).to.deep.equal([0, shown])
    expect(await list(prefix)).to.deep.equal({})
  })

  it('a shown name leads back to its file', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((each) => Buffer.from(each))
    const names = fc.oneof(
      bytes,
      fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(
        names.filter((name) => !name.includes(0) && !name.includes('/') && !['.', '..'].includes(name.toString())),
        (name) => filesNamed(showName(name))[0]?.equals(name) === true,
      ),
    )
  })
})
