/** The life of a Process: starting, ending, names, exit codes, errors. */
import { inspect } from 'node:util'
import { expect } from 'chai'
import { currentProcess, isMainProcess, Lock, type Process, RawValue } from '../../lib/index.js'
import * as targets from '../fixtures/process-targets.js'
import { until } from '../helpers/deferred.js'
import { codeRejected, codeThrown } from '../helpers/errors.js'
import { processOf, run } from '../helpers/run.js'

describe('Process', () => {
  it('tells the main process that it is one', () => {
    expect(isMainProcess).to.equal(true)
    expect({ ...currentProcess }).to.deep.equal({ name: 'MainProcess', pid: process.pid })
  })

  it('lives from start to end, and says so', async () => {
    const lock = Lock()
    const begun = RawValue('c_int', 0)
    const child = processOf(targets.wait, [lock, begun], { name: 'waiter' })
    expect(child.pid).to.equal(undefined)
    expect(child.isAlive).to.equal(false)
    expect(child.exitcode).to.equal(null)
    expect(inspect(child)).to.equal("Process 'waiter' (not started)")

    lock.acquire()
    expect(child.start()).to.equal(child)
    await until(() => begun.value === 1)
    expect(child.pid).to.be.a('number').and.not.equal(process.pid)
    expect(child.isAlive).to.equal(true)
    expect(child.exitcode).to.equal(null)
    expect(inspect(child)).to.equal(`Process 'waiter' (pid ${child.pid}, running)`)
    expect(await child.join(0)).to.equal(false)
    expect(await child.join(5)).to.equal(false)
    expect(child.isAlive).to.equal(true)

    const joins = [child.join(), child.join(1e9), child.join(Number.POSITIVE_INFINITY)]
    lock.release()
    expect(await Promise.all(joins)).to.deep.equal([true, true, true])
    expect(child.isAlive).to.equal(false)
    expect(child.exitcode).to.equal(0)
    expect(inspect(child)).to.equal(`Process 'waiter' (pid ${child.pid}, exit code 0)`)
    expect(await child.join()).to.equal(true)
    expect(await child.join(0)).to.equal(true)
    child.terminate() // nothing is left to be ended
    child.kill()
    expect(child.exitcode).to.equal(0)
    lock.close()
  })

  it('waits for a target that is asynchronous', async () => {
    const counter = RawValue('c_int', 0)
    expect((await run(targets.addOneLater, [counter])).code).to.equal(0)
    expect(counter.value).to.equal(1)
  })

  it('runs many at once', async () => {
    const counter = RawValue('c_int', 0)
    const children = Array.from({ length: 8 }, () => processOf(targets.addOne, [counter]).start())
    expect(new Set(children.map(({ pid }) => pid)).size).to.equal(8)
    await Promise.all(children.map((child) => child.join()))
    expect(counter.value).to.equal(8)
  })

  it('is started once, and joined and ended only after that', async () => {
    const child = processOf(targets.nothing)
    for (const early of [() => child.terminate(), () => child.kill()]) expect(codeThrown(early)).to.equal('ERR_INVALID_STATE')
    expect(await codeRejected(child.join())).to.equal('ERR_INVALID_STATE')
    child.start()
    expect(codeThrown(() => child.start())).to.equal('ERR_INVALID_STATE')
    await child.join()
    expect(codeThrown(() => child.start())).to.equal('ERR_INVALID_STATE')
  })

  it('refuses bad time-outs', async () => {
    const child = processOf(targets.nothing).start()
    for (const bad of [-1, Number.NaN]) expect(await codeRejected(child.join(bad))).to.equal('ERR_OUT_OF_RANGE')
    for (const bad of ['1', null, {}] as unknown as number[]) expect(await codeRejected(child.join(bad))).to.equal('ERR_INVALID_ARG_TYPE')
    expect(await child.join()).to.equal(true)
  })

  describe('names', () => {
    it('are counted unless given', () => {
      const [first, second] = [processOf(targets.nothing), processOf(targets.nothing)]
      const number = (child: Process) => Number(/^Process-(\d+)$/.exec(child.name)?.[1])
      expect(number(second)).to.equal(number(first) + 1)
      expect(processOf(targets.nothing, [], { name: 'mine' }).name).to.equal('mine')
      expect(number(processOf(targets.nothing))).to.equal(number(second) + 1)
    })

    for (const name of ['worker', 'with: colons: and spaces', 'Grüße 🌍', '']) {
      it(`reach the child: '${name}'`, async () => {
        const done = RawValue('c_int', 0)
        expect(await run(targets.tellName, [name, done], { name })).to.deep.equal({ code: 0, stdout: '', stderr: '' })
        expect(done.value).to.equal(1)
      })
    }

    it('hold in worker threads of the child, and not in what it spawns', async () => {
      expect(await run(targets.tellNameElsewhere, ['parent: of'], { name: 'parent: of' })).to.include({ code: 0, stderr: '' })
    })
  })

  describe('exit codes', () => {
    it('are those of process.exit', async () => {
      for (const code of [0, 1, 7, 255]) expect((await run(targets.exit, [code])).code).to.equal(code)
    })

    it('are negative numbers of the signals that ended the child', async () => {
      const lock = Lock()
      lock.acquire()
      for (const [end, code] of [
        [(child: Process) => child.terminate(), -15],
        [(child: Process) => child.kill(), -9],
        [(child: Process) => process.kill(child.pid as number, 'SIGINT'), -2],
      ] as const) {
        const begun = RawValue('c_int', 0)
        const child = processOf(targets.wait, [lock, begun]).start()
        await until(() => begun.value === 1)
        end(child)
        expect(await child.join()).to.equal(true)
        expect(child.exitcode).to.equal(code)
        expect(child.isAlive).to.equal(false)
      }
      expect((await run(targets.abort)).code).to.equal(-6)
      lock.release()
      lock.close()
    })

    it('are there when the child is killed before it has started', async () => {
      const child = processOf(targets.nothing).start()
      child.kill()
      await child.join()
      expect(child.exitcode).to.equal(-9)
    })
  })

  describe('an error in the child', () => {
    for (const [target, message] of [
      [targets.failNow, 'failed at once'],
      [targets.failAsynchronously, 'failed asynchronously'],
      [targets.failAfterwards, 'failed afterwards'],
    ] as const) {
      it(`is printed with its stack and gives exit code 1: ${message}`, async () => {
        const { code, stderr } = await run(target, [], { name: 'failing' })
        expect(code).to.equal(1)
        expect(stderr).to.include(`RangeError: ${message}`)
        expect(stderr).to.match(/ at failHere \(.*process-targets\.js:\d+:\d+\)/)
        if (target !== targets.failAfterwards) expect(stderr).to.include("Process 'failing'")
      })
    }

    it('may be anything', async () => {
      for (const [value, shown] of [
        [undefined, 'undefined'],
        [null, 'null'],
        ['a text', 'a text'],
        [{ a: 1 }, '{ a: 1 }'],
      ] as const) {
        const { code, stderr } = await run(targets.failWith, [value])
        expect(code).to.equal(1)
        expect(stderr).to.include(shown)
      }
    })

    it('of the target’s module is one too', async () => {
      const { code, stderr } = await run(targets.nothing, [], { module: "data:text/javascript,throw new Error('no such luck')" })
      expect(code).to.equal(1)
      expect(stderr).to.include('no such luck')
    })
  })

  it('starts children of its own', async () => {
    const counter = RawValue('c_int', 0)
    expect(await run(targets.startAnother, [counter, 2])).to.deep.equal({ code: 0, stdout: '', stderr: '' })
    expect(counter.value).to.equal(3)
  })
})
