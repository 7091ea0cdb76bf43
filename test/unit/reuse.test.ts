/** Blocks that are closed here while others use them, opened again through them, and closed again: each is reused once, or not at all. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import * as mp from '../../lib/index.js'

describe('blocks that came back', () => {
  it('are given to one new object each', async () => {
    const child = fork(fileURLToPath(new URL('../fixtures/unit-reopen.js', import.meta.url)))
    const values = Array.from({ length: 100 }, (_, i) => mp.Value('c_int', i))
    child.send(values.map((value) => value.toJSON()))
    const [handles] = (await once(child, 'message')) as [mp.Handle[]]
    for (const value of values) value.close()
    for (const handle of handles) mp.attach(handle).close()
    const closed = once(child, 'message')
    child.send('close')
    await closed
    const made = Array.from({ length: 400 }, (_, i) => mp.Value('c_int', i))
    const places = new Set(made.map((value) => `${value.toJSON().segment.id}:${value.toJSON().offset}`))
    expect(places.size).to.equal(made.length)
    expect(made.every((value, i) => value.value === i)).to.equal(true)
    for (const value of made) value.close()
    if (child.exitCode === null) await once(child, 'exit')
  })

  it('are stale where only the dead had them', async () => {
    const child = fork(fileURLToPath(new URL('../fixtures/unit-reopen.js', import.meta.url)))
    const value = mp.Value('c_int', 1)
    const handle = value.toJSON()
    child.send([handle])
    await once(child, 'message')
    child.kill('SIGKILL')
    await once(child, 'exit')
    value.close()
    expect(() => mp.attach(handle)).to.throw(mp.StaleHandleError)
  })
})
