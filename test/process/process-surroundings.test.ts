/** What a Process's child finds around it: streams, environment, node's options, descriptors, the main module. */
import { spawnSync } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import * as mp from '../../lib/index.js'
import * as targets from '../fixtures/process-targets.js'
import { fixturePath, fixtureUrl, freshName } from '../helpers/paths.js'
import { descriptors } from '../helpers/proc.js'
import { processOf, read, run, runNode, targetsUrl } from '../helpers/run.js'

interface Surroundings {
  env: NodeJS.ProcessEnv
  execArgv: string[]
}

async function surroundings(options: mp.ProcessOptions): Promise<Surroundings> {
  return JSON.parse((await run(targets.tellSurroundings, [], options)).stdout) as Surroundings
}

describe("a Process's child", () => {
  describe('streams', () => {
    it('are pipes where asked for', async () => {
      const child = processOf(targets.echo, [], { stdio: 'pipe' })
      expect([child.stdin, child.stdout, child.stderr]).to.deep.equal([null, null, null])
      child.start()
      child.stdin?.end('hello')
      const [out, err] = await Promise.all([read(child.stdout), read(child.stderr), child.join()])
      expect(out).to.equal('out hello')
      expect(err).to.equal('err hello')
      expect(child.exitcode).to.equal(0)
    })

    it('are none where they are ignored or inherited', async () => {
      for (const stdio of ['ignore', ['ignore', 'inherit', 'ignore']] as const) {
        const child = processOf(targets.nothing, [], { stdio }).start()
        expect([child.stdin, child.stdout, child.stderr]).to.deep.equal([null, null, null])
        await child.join()
        expect(child.exitcode).to.equal(0)
      }
    })

    it("are the parent's unless said otherwise", async () => {
      expect(await runNode([fixturePath('process-main')])).to.deep.equal({ code: 0, stdout: 'child\nmain 1 0\n', stderr: '' })
    })

    it('can differ', async () => {
      const child = processOf(targets.echo, [], { stdio: ['pipe', 'ignore', 'pipe'] }).start()
      child.stdin?.end('x')
      expect(child.stdout).to.equal(null)
      const [err] = await Promise.all([read(child.stderr), child.join()])
      expect(err).to.equal('err x')
    })
  })

  describe('environment', () => {
    it("is the parent's, as it is at the start", async () => {
      process.env.SHAREDCTYPES_TEST = 'inherited'
      const child = surroundings({})
      delete process.env.SHAREDCTYPES_TEST
      expect((await child).env).to.include({ SHAREDCTYPES_TEST: 'inherited', PATH: process.env.PATH })
    })

    it('is the given one and nothing else', async () => {
      process.env.SHAREDCTYPES_TEST = 'inherited'
      const { env } = await surroundings({ env: { ONLY: 'this' } })
      delete process.env.SHAREDCTYPES_TEST
      expect(env.ONLY).to.equal('this')
      expect(env).not.to.have.any.keys('SHAREDCTYPES_TEST', 'PATH')
    })
  })

  describe("node's options", () => {
    it('are the given ones', async () => {
      const execArgv = ['--no-warnings', '--max-old-space-size=123']
      expect((await surroundings({ execArgv })).execArgv).to.deep.equal(execArgv)
      expect((await surroundings({ execArgv: [] })).execArgv).to.deep.equal([])
    })

    const program = `
      import { Process } from ${JSON.stringify(new URL('../../lib/index.js', import.meta.url).href)}
      import { tellSurroundings } from ${JSON.stringify(targetsUrl)}
      // A child that runs the program again would do so for ever.
      process.env.GENERATION = Number(process.env.GENERATION ?? 0) + 1
      if (process.env.GENERATION > 2) process.exit(2)
      new Process(tellSurroundings, [], { module: ${JSON.stringify(targetsUrl)} }).start()`
    const commandLines: Record<string, string[]> = {
      '-e': ['--no-warnings', '--input-type=module', '-e', program],
      '--eval': ['--no-warnings', '--input-type=module', '--eval', program],
      '--eval=': ['--no-warnings', '--input-type=module', `--eval=${program}`],
      '--input-type apart': ['--no-warnings', '--input-type', 'module', '-e', program],
      '-p': ['--no-warnings', '-p', `import(${JSON.stringify(`data:text/javascript,${encodeURIComponent(program)}`)}), ''`],
    }
    for (const [form, args] of Object.entries(commandLines)) {
      it(`are the parent's, less a program on its command line: ${form}`, async () => {
        const { code, stdout, stderr } = await runNode(args)
        expect(stderr).to.equal('')
        expect(code).to.equal(0)
        expect((JSON.parse(stdout) as Surroundings).execArgv).to.deep.equal(['--no-warnings'])
      })
    }

    it('where the program comes from the command line, the module must be named', async () => {
      const { stderr } = await runNode(['-e', program.replace(/, \[\].*start/, ').start').replace(/^\s*import/gm, '\nimport')])
      expect(stderr).to.include('ERR_NOT_EXPORTED').and.include('give `module`')
    })
  })

  describe('descriptors', () => {
    const listed = async (objects: readonly unknown[]) => {
      const { code, stdout } = await run(targets.listDescriptors, objects)
      expect(code).to.equal(0)
      return (JSON.parse(stdout) as string[]).map((link) => link.replace(/\d+/g, 'N')).sort()
    }

    it('are one for each segment among the arguments, and no others', async () => {
      const name = freshName('descriptor')
      const objects = [
        mp.Value('c_int', 0),
        mp.Lock(),
        mp.RawArray('c_double', 10_000),
        mp.Array('c_int', 10_000),
        mp.Value('c_int', 0, { name }),
      ] as const
      const without = await listed([])
      const withObjects = await listed([...objects, objects[0], { again: objects[2] }])
      for (const link of without) withObjects.splice(withObjects.indexOf(link), 1)
      const segments = new Set(objects.map((object) => object.toJSON().segment.id))
      expect(withObjects).to.have.length(segments.size)
      for (const link of withObjects) expect(link).to.match(/^\/memfd:sharedctypes \(deleted\)$|^\/dev\/shm\//)
      objects[4].unlink()
      for (const object of objects) object.close()
    })

    it('leave none behind in the parent', async () => {
      const counter = mp.Value('c_int', 0)
      const big = mp.RawArray('c_int32', 10_000)
      await run(targets.addOne, [counter])
      const before = descriptors().length
      for (let i = 0; i < 5; i++) await run(targets.addOne, [counter, big])
      expect(descriptors()).to.have.length(before)
      big.close()
      counter.close()
    })

    it('of segments do not leak into processes that the parent spawns otherwise', () => {
      const value = mp.Value('c_int', 0)
      const { stdout } = spawnSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' })
      expect(stdout).to.include('/proc/').and.not.include('sharedctypes')
      value.close()
    })
  })

  it('can be started by a worker thread', async () => {
    const counter = mp.RawValue('c_int', 0)
    const code = `
      const { workerData } = require('node:worker_threads')
      Promise.all([import(workerData.lib), import(workerData.module)]).then(async ([{ attach, Process }, { addOne }]) => {
        const child = new Process(addOne, [attach(workerData.handle)], { module: workerData.module }).start()
        await child.join()
        process.exit(child.exitcode)
      })`
    const workerData = {
      lib: new URL('../../lib/index.js', import.meta.url).href,
      module: fixtureUrl('process-targets'),
      handle: counter.toJSON(),
    }
    const worker = new Worker(code, { eval: true, workerData, stderr: true })
    const [errors, exitCode] = await Promise.all([read(worker.stderr), new Promise((resolve) => worker.once('exit', resolve))])
    expect(errors).to.equal('')
    expect(exitCode).to.equal(0)
    expect(counter.value).to.equal(1)
  })
})
