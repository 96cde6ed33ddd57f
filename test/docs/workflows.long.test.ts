import { expect, test } from 'vitest'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

const PAGE = await read('docs/workflows.md')
const PROGRAMS = blocksIn(PAGE, 'ts')
const printed = [...PAGE.matchAll(/^It prints `([^`]*)`/gm)].map(([, text]) => `${text}\n`)

const NAMES = ['a first workflow', 'a message', 'many items', 'a loop', 'the AI SDK', 'questions', 'tests']

test.each(NAMES.map((name, n) => [name, n] as const))('the page about workflows runs: %s', async (_name, n) => {
  const folder = await openProgramFolder(['ai'])
  expect(await runProgram(folder, PROGRAMS[n]!)).toEqual({ code: 0, out: printed[n], err: '' })
})

test('no program of the page is left out', () => expect(PROGRAMS).toHaveLength(NAMES.length))
