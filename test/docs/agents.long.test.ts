import { expect, test } from 'vitest'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

test('the programs of the page on agents run', async () => {
  const programs = blocksIn(await read('docs/agents.md'), 'ts').filter((block) => block.startsWith('import'))
  const printed = [/^goal_\S+ support\n$/, /^2 true\ntriage\n$/]
  for (const [place, program] of programs.entries()) {
    const { code, out, err } = await runProgram(await openProgramFolder(), program)
    expect([code, `${out}${err}`]).toEqual([0, expect.stringMatching(printed[place]!)])
  }
  expect(programs).toHaveLength(printed.length)
})
