import { expect, test } from 'vitest'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

const PAGE = await read('docs/actors.md')
const PROGRAMS = blocksIn(PAGE, 'ts')
const [, printed = ''] = /It prints:\n\n```\n([\s\S]*?)```/.exec(PAGE) ?? []

const PRINTS = [
  ['a first actor', '1\n'],
  ['effects, ids, timers and events', printed],
  ['a supervisor', '{ lives: 2 }\n'],
] as const

test.each(PRINTS.map(([what, out], n) => [what, out, n] as const))(
  'the guide to actors runs: %s',
  async (_what, out, n) => {
    const folder = await openProgramFolder()
    expect(await runProgram(folder, PROGRAMS[n]!)).toEqual({ code: 0, out, err: '' })
  },
)

test('no program of the guide is left out', () => expect(PROGRAMS).toHaveLength(PRINTS.length))
