import { appendFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commandOf, openExample } from './folder.ts'

test('incident files a report with each line that is an error', async () => {
  const { run, read } = await openExample('incident')
  const command = commandOf(await read('README.md'))
  expect(await run(...command)).toMatchObject({ code: 0, out: 'incidents/2026-11-21.md\n' })
  const report = await read('incidents/2026-11-21.md')
  expect(report).toMatch(/^# Incident: disk\n/)
  expect(report).toContain('3 lines of service.log report errors, from 2026-11-21T06:41:17 to 2026-11-21T06:41:48.')
  const log = (await read('service.log')).split('\n')
  const wrong = log.flatMap((line, at) => (/ (ERROR|FATAL) /.test(line) ? [`- service.log:${at + 1} \`${line}\``] : []))
  expect(report.match(/^- .*$/gm)).toEqual(wrong)
})

test('incident says that a log is quiet, and files nothing', async () => {
  const { folder, run, read } = await openExample('incident')
  const quiet = await run(...commandOf(await read('README.md')), '-i', 'log=quiet.log', '-i', 'pause=0.1')
  expect(quiet).toMatchObject({ code: 0, out: 'quiet.log is quiet: no errors in 3 looks.\n' })
  expect(await readdir(folder)).not.toContain('incidents')
})

test('incident reports what a growing log says', async () => {
  const { folder, run, read } = await openExample('incident')
  const more = ['-i', 'log=quiet.log', '-i', 'pause=0.2', '-i', 'looks=1000']
  const watching = run(...commandOf(await read('README.md')), ...more)
  await appendFile(join(folder, 'quiet.log'), '2026-11-22T07:01:00Z ERROR login of user 7: permission denied\n')
  expect(await watching).toMatchObject({ code: 0, out: 'incidents/2026-11-22.md\n' })
  expect(await read('incidents/2026-11-22.md')).toMatch(/^# Incident: access\n/)
})
