/** The crash laboratory in short: a program for each primitive, with a few blows each. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { Campaign } from './campaign.js'
import { loadSubject, primitives } from './subjects.js'
import { addonSymbols } from './symbols.js'

const SEED = process.env.SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(process.env.SEED)
const BLOWS = 5

describe('the crash laboratory', function () {
  this.timeout(600_000)

  it(`finds nothing, whoever is killed (SEED=${SEED})`, async () => {
    const campaign = new Campaign({
      kills: Number.POSITIVE_INFINITY,
      programs: primitives.length,
      seed: SEED,
      primitives,
      mostBlows: BLOWS,
    })
    await campaign.run()
    const { table, failures } = campaign
    const inside = table.without === undefined ? `${table.inside} blows inside native code` : `none inside native code: ${table.without}`
    console.log(`      ${table.kills} kills in ${table.programs} programs, ${inside}`)
    expect(failures, JSON.stringify(failures, null, 2)).to.deep.equal([])
    expect(table.programs).to.equal(primitives.length)
    expect(table.kills).to.be.at.least(2 * primitives.length)
  })

  // A compiler may make a few of them parts of others.
  it('knows the functions that it strikes in', async () => {
    const names = new Set(addonSymbols().map(({ name }) => name))
    for (const primitive of primitives) {
      const { roles } = await loadSubject(primitive)
      for (const { functions } of Object.values(roles)) {
        const unknown = functions.filter((name) => !names.has(name))
        expect(unknown.length * 2, `${primitive}: ${unknown.join(', ')}`).to.be.below(functions.length)
      }
    }
  })

  for (const wrong of [
    ['--kill', '5'],
    ['--kills', 'many'],
    ['--only', 'Mutex'],
    ['--seed', '-1'],
  ]) {
    it(`refuses ${wrong.join(' ')}`, () => {
      const main = fileURLToPath(new URL('./main.js', import.meta.url))
      const { status, stderr } = spawnSync(process.execPath, [main, ...wrong], { encoding: 'utf8' })
      expect(status).to.equal(2)
      expect(stderr).to.include('npm run test:crash')
    })
  }
})
