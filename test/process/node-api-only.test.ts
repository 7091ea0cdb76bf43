/** Where V8 does not let us make functions of its own, Node-API ones do the same (docs/adr/0026-direct-functions.md). */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect } from 'chai'
import { root } from '../fixtures/unit-helpers.js'

const env = { ...process.env, SHAREDCTYPES_NODE_API_ONLY: '1' }
const run = (args: readonly string[], environment: NodeJS.ProcessEnv) =>
  execFileSync(process.execPath, args, { encoding: 'utf8', env: environment })

describe('with Node-API functions only', () => {
  it('they are that', () => {
    const native = JSON.stringify(join(root, 'dist/lib/native.js'))
    const program = `import(${native}).then(({ native }) => console.log('prototype' in native.lockTry))`
    // Node-API's have one, V8's that can't be called with `new` have none.
    expect([env, process.env].map((environment) => run(['-e', program], environment).trim())).to.deep.equal(['true', 'false'])
  })

  for (const example of ['lock', 'rlock', 'semaphore', 'condition', 'barrier', 'rwlock', 'scalars', 'killed-holder', 'worker-thread']) {
    // Each checks itself.
    it(`the example ${example} runs`, () => {
      run(['--no-warnings', join(root, 'dist/examples', `${example}.js`)], env)
    })
  }
})
