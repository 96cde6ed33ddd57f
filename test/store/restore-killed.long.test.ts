import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SCHEMA, STATEMENTS } from '../../src/engine/libsql/tables/schema.ts'
import { restoreBackup } from '../../src/store/backup/restore.ts'
import { writeBackup } from '../../src/store/backup.ts'
import { openBlobs } from '../../src/store/blobs/blobs.ts'
import { claimFolder } from '../../src/store/data-folder/owner.ts'
import { openDatabase } from '../../src/store/database/open.ts'

let home: string
let file: string
const hashes: string[] = []
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'antiphon-restore-'))
  file = join(home, 'one.backup')
  mkdirSync(join(home, 'data'))
  const source = { database: join(home, 'data', 'engine.db'), blobs: join(home, 'data', 'blobs') }
  const options = { schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL', writer: 'main' } as const
  const database = await openDatabase({ path: source.database, ...options })
  for (const text of ['one', 'two']) hashes.push(await openBlobs(source.blobs).put({ text }))
  database.write({ seq: 1, log: JSON.stringify({ hashes }) })
  await writeBackup(source, file)
  await database.close()
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

const claim = (folder: string) => claimFolder(folder, { command: 'test' })

test.each([
  ['while it claims the folder', 'writeFileSync', 1],
  ['before the first blob', 'writeFileSync', 2],
  ['between two blobs', 'writeFileSync', 3],
  ['before anything is in its place', 'rename', 1],
  ['when the blobs are in their place', 'rename', 2],
  ['when all is in its place', 'rmdir', 1],
])('a restore that is killed %s is refused as a data folder, and can be done again', async (_, call, number) => {
  const folder = join(home, `${call}${number}`)
  const script = new URL('killed-restore.ts', import.meta.url).pathname
  const { signal, stderr } = spawnSync(process.execPath, [script, file, folder, call, `${number}`])
  expect({ signal, stderr: `${stderr}` }).toEqual({ signal: 'SIGKILL', stderr: '' })
  await expect(claim(folder)).rejects.toMatchObject({
    code: 'half_restored',
    hint: expect.stringContaining('antiphon restore'),
  })
  await restoreBackup(file, folder)
  for (const hash of hashes) expect(await openBlobs(join(folder, 'blobs')).get(hash)).toHaveProperty('text')
  const owner = await claim(folder)
  expect(owner).toMatchObject({ taken: false })
  if (!owner.taken) owner.release()
  expect(readdirSync(folder).sort()).toEqual(['blobs', 'engine.db', 'owner.db'])
})

test('a folder that another process has is not marked', async () => {
  const folder = join(home, 'taken')
  const owner = await claim(folder)
  await expect(restoreBackup(file, folder)).rejects.toThrow('is not empty')
  expect(readdirSync(folder)).not.toContain('restoring')
  if (!owner.taken) owner.release()
  await restoreBackup(file, folder)
})

test('a restore that fails says so, and its folder is refused until it is restored again', async () => {
  const folder = join(home, 'failed')
  mkdirSync(folder)
  // no folder can be made there
  writeFileSync(join(folder, 'restoring'), '')
  await expect(restoreBackup(file, folder)).rejects.toMatchObject({
    code: 'storage',
    hint: expect.stringContaining('Restore it again'),
  })
  await expect(claim(folder)).rejects.toMatchObject({ code: 'half_restored' })
  rmSync(join(folder, 'restoring'))
  await restoreBackup(file, folder)
  expect(readdirSync(folder)).not.toContain('restoring')
})

test('restored files are readable by their user alone', async () => {
  const folder = join(home, 'private')
  mkdirSync(folder, { mode: 0o755 })
  await restoreBackup(file, folder)
  for (const { name, parentPath } of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (name.startsWith('owner.db')) continue
    const { mode } = statSync(join(parentPath, name))
    const expected = /\.db$|^[0-9a-f]{62}$/.test(name) ? '600' : '700'
    expect([name, (mode & 0o777).toString(8)]).toEqual([name, expected])
  }
})
