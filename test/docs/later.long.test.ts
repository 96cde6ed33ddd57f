import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runHere } from '../cli/here.ts'
import { REAL } from '../cli/programs.ts'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

const page = await read('docs/later.md')

async function openOrder(): Promise<string> {
  const folder = await openProgramFolder()
  await writeFile(join(folder, 'order.yaml'), blocksIn(page, 'yaml')[0]!)
  return folder
}

test('the commands of the page run, and say what is wrong with others', async () => {
  const folder = await openOrder()
  const run = (line = '') => runHere(REAL, line.trim().split(' ').slice(1), { folder })
  const [delay = '', at] = blocksIn(page, 'sh')[0]!.trim().split('\n')
  expect(await run(delay.replace('5m', '0.01s'))).toMatchObject({ code: 0, out: expect.stringContaining('Shipped 7') })
  expect(await run(at?.replace('2026-12-01', '2020-12-01'))).toMatchObject({ code: 0 })
  for (const line of blocksIn(page, 'sh')[1]!.trim().split('\n')) expect(await run(line)).toMatchObject({ code: 0 })
  const debounce = blocksIn(page, 'sh')[2]!.replace('5s', '0.01s')
  expect(await run(debounce)).toMatchObject({
    code: 0,
    err: expect.stringMatching(/waits until .* for another start of the key customer-7/),
  })
  expect(await run('antiphon run order.yaml -i id=7 --slots 2')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--queue customer-7'),
  })
  expect(await run('antiphon run order.yaml -i id=7 --delay soon')).toMatchObject({
    code: 2,
    err: expect.stringContaining('expected seconds, or a time such as 30m'),
  })
})

test('the program of the page runs', async () => {
  const { out } = await runProgram(await openOrder(), blocksIn(page, 'ts')[0]!)
  expect(out).toBe('completed\ntrue\n')
})
