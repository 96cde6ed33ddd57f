import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SCHEMA, STATEMENTS } from '../../src/engine/libsql/tables/schema.ts'
import { removeNotedDraft } from '../../src/store/backup/leftover-draft.ts'
import { writeBackup } from '../../src/store/backup.ts'
import { openDatabase } from '../../src/store/database/open.ts'
import { until } from '../../src/testing/index.ts'

test('a file that comes when the backup has begun is not replaced', async () => {
  const home = mkdtempSync(join(tmpdir(), 'antiphon-meanwhile-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  const [path, file] = [join(home, 'engine.db'), join(home, 'one.backup')]
  const options = { schema: SCHEMA, statements: STATEMENTS, synchronous: 'NORMAL', writer: 'main' } as const
  const database = await openDatabase({ path, ...options })
  onTestFinished(() => database.close())
  const outcome = writeBackup({ database: path, blobs: join(home, 'blobs') }, file).then(
    () => 'replaced',
    ({ name }) => name,
  )
  // now it has looked, and found no file of that name
  await until(() => readdirSync(home).some((name) => name.endsWith('.draft')))
  writeFileSync(file, 'mine')
  expect(await outcome).toBe('InvalidError')
  expect(readFileSync(file, 'utf8')).toBe('mine')
  expect(readdirSync(home).filter((name) => name.endsWith('.draft'))).toEqual([])
})

test('the draft of a backup that was killed is removed by the next owner of the folder, and by that of a copy it is not', async () => {
  const home = mkdtempSync(join(tmpdir(), 'antiphon-killed-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  const [data, copy, out] = ['data', 'copy', 'out'].map((name) => join(home, name)) as [string, string, string]
  for (const folder of [data, out]) mkdirSync(folder)
  const options = { schema: SCHEMA, statements: STATEMENTS, synchronous: 'NORMAL', writer: 'main' } as const
  await (await openDatabase({ path: join(data, 'engine.db'), ...options })).close()
  const script = new URL('killed-backup.ts', import.meta.url).pathname
  const { signal } = spawnSync(process.execPath, [script, data, join(out, 'one.backup')])
  expect(signal).toBe('SIGKILL')
  expect(readdirSync(out)).toEqual([expect.stringMatching(/^one\.backup\..*\.draft$/)])
  cpSync(data, copy, { recursive: true })
  await removeNotedDraft(copy)
  expect(readdirSync(out)).toHaveLength(1)
  await removeNotedDraft(data)
  expect([...readdirSync(out), ...readdirSync(data).filter((name) => name.startsWith('backup'))]).toEqual([])
})
