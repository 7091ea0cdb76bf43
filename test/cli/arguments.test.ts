/** What can be typed. */
import { accessSync, constants } from 'node:fs'
import { expect } from 'chai'
import { cli, program } from '../helpers/cli.js'

describe('sharedctypes, the command', () => {
  it('can be executed', () => accessSync(program, constants.X_OK))

  for (const args of [['--help'], ['-h'], ['ls', '--help'], ['rm', '-h', 'no-such-name']]) {
    it(`${args.join(' ')} prints the help and does nothing else`, async () => {
      const { code, stdout, stderr } = await cli(...args)
      expect([code, stderr]).to.deep.equal([0, ''])
      for (const word of ['ls', 'inspect NAME', 'rm NAME', 'gc', '--json']) expect(stdout).to.include(word)
    })
  }

  const bad: [string[], string][] = [
    [[], 'a command is missing'],
    [['list'], '"list"'],
    [['constructor'], '"constructor"'],
    [['ls', '--jsno'], '--jsno'],
    [['ls', '--json=yes'], '--json'],
    [['ls', 'name'], '"name"'],
    [['gc', 'name'], '"name"'],
    [['rm'], 'a name is missing'],
    [['inspect'], 'a name is missing'],
    [['inspect', 'one', 'two'], '"two"'],
  ]
  for (const [args, words] of bad) {
    it(`${args.join(' ') || 'nothing'} is not understood: exit code 2, usage on stderr`, async () => {
      const { code, stdout, stderr } = await cli(...args)
      expect([code, stdout]).to.deep.equal([2, ''])
      expect(stderr).to.include(words)
      expect(stderr).to.include('Usage: sharedctypes')
    })
  }
})
