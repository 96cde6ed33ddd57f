import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runHere } from '../cli/here.ts'
import { REAL } from '../cli/programs.ts'
import { blocksIn, openProgramFolder, read, runProgram } from './program.ts'

const page = await read('docs/schedules.md')

async function openTick(): Promise<string> {
  const folder = await openProgramFolder()
  await writeFile(join(folder, 'tick.yaml'), blocksIn(page, 'yaml')[0]!)
  return folder
}

/** The words of a line, as a shell reads them. */
const wordsOf = (line: string) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)

test('the commands of the page make, list and pause a schedule', async () => {
  const folder = await openTick()
  const [add, list, , pause] = blocksIn(page, 'sh')[0]!.trim().split('\n')
  const run = (line = '') => runHere(REAL, wordsOf(line).slice(1), { folder })
  const added = await run(add)
  expect(added).toMatchObject({ code: 0 })
  expect(added.out.match(/ 08:00:00 GMT\+[12]$/gm)).toHaveLength(10)
  expect((await run(list)).out).toMatch(
    /^report +run .*tick\.yaml +0 8 \* \* 1-5 \(Europe\/Berlin\) +active +\w{3} 20/m,
  )
  expect(await run(add)).toMatchObject({ code: 2, err: expect.stringContaining('--replace') })
  expect((await run(pause)).err).toContain('report is paused.')
  expect((await run('antiphon schedule show report')).out).toContain('paused')
  expect(await run('antiphon schedule add bad tick.yaml --cron "61 * * * *" -i topic=a')).toMatchObject({
    code: 2,
    err: expect.stringContaining('Invalid value for minute: 61'),
  })
  expect(await run('antiphon schedule add bad tick.yaml --every 1h')).toMatchObject({
    code: 2,
    err: expect.stringContaining('topic'),
  })
})

test('the program of the page makes a schedule, starts its work and removes it', async () => {
  const folder = await openTick()
  expect(await runProgram(folder, blocksIn(page, 'ts')[0]!)).toMatchObject({ code: 0, out: '10\ntrue\n' })
})
