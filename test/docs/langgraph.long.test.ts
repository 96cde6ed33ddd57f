import { expect, test } from 'vitest'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

const PRINTED = [
  '{ visits: 6 }\n',
  'report asks: Is it good? All about tides\nAll about tides\n',
  "{ cents: 100, receipt: 'charged 100', sent: 'shipped' }\n",
]

test('the programs of the page print what it says', async () => {
  const programs = blocksIn(await read('docs/langgraph.md'), 'ts')
  const folders = programs.map(() => openProgramFolder(['@langchain/langgraph']))
  const ran = await Promise.all(programs.map(async (program, at) => runProgram(await folders[at]!, program)))
  expect(ran).toEqual(PRINTED.map((out) => ({ code: 0, out, err: '' })))
})
