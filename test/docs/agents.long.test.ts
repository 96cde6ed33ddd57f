import { expect, test } from 'vitest'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

test('the page on agents runs the agent of a program', { timeout: 60_000 }, async () => {
  const [program, ...others] = blocksIn(await read('docs/agents.md'), 'ts')
  const { code, out, err } = await runProgram(await openProgramFolder(), program!)
  expect([code, `${out}${err}`]).toEqual([0, expect.stringMatching(/^goal_\S+ support\n$/)])
  expect(others).toEqual([])
})
