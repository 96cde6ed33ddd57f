import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/tables/schema.ts'
import { openBlobs } from '../../../src/store/blobs/blobs.ts'
import { claimFolder } from '../../../src/store/data-folder/owner.ts'
import { openDatabase } from '../../../src/store/database/open.ts'
import { withLock } from '../../../src/store/files/file-lock.ts'

let folder: string
beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), 'antiphon-private-'))
  folder = join(home, 'data')
  const before = process.umask(0o022)
  onTestFinished(() => {
    process.umask(before)
    rmSync(home, { recursive: true, force: true })
  })
})

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

/** The modes of a folder and all in it: those of files and those of folders. */
function modes() {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const of = (isWanted: (entry: (typeof entries)[number]) => boolean) =>
    [...new Set(entries.filter(isWanted).map(({ name, parentPath }) => modeOf(join(parentPath, name))))].sort()
  return { itself: modeOf(folder), files: of((entry) => entry.isFile()), folders: of((entry) => entry.isDirectory()) }
}

async function claim(): Promise<void> {
  const owner = await claimFolder(folder, { command: 'test' })
  if (owner.taken) throw new Error('the folder is taken')
  onTestFinished(owner.release)
}

async function work(): Promise<void> {
  await claim()
  const options = { schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL', writer: 'main' } as const
  const database = await openDatabase({ path: join(folder, 'engine.db'), ...options })
  onTestFinished(() => database.close())
  database.write({ seq: 1, log: JSON.stringify({ x: await openBlobs(join(folder, 'blobs')).put('a value') }) })
  await withLock(join(folder, 'secrets.lock'), async () => {})
}

const PRIVATE = { itself: '700', files: ['600'], folders: ['700'] }

test('files in a new folder are readable by their user alone', async () => {
  await work()
  expect(readdirSync(folder)).toEqual(
    expect.arrayContaining(['engine.db', 'engine.db-wal', 'engine.db-shm', 'owner.db']),
  )
  expect(modes()).toEqual(PRIVATE)
})

test('a folder that others could read, with what it held, is for its user alone once it is claimed', async () => {
  mkdirSync(join(folder, 'blobs', 'ab'), { recursive: true, mode: 0o755 })
  for (const name of ['engine.db', 'engine.db-wal', 'owner.db', 'owner.log', 'swept', 'blobs/ab/cd'])
    writeFileSync(join(folder, name), '', { mode: 0o644 })
  chmodSync(folder, 0o777)
  await claim()
  expect(modes()).toEqual(PRIVATE)
})

test('a folder that others work in keeps its mode, and so does what is theirs', async () => {
  mkdirSync(join(folder, 'theirs'), { recursive: true, mode: 0o755 })
  writeFileSync(join(folder, 'notes'), '', { mode: 0o644 })
  symlinkSync(join(folder, 'notes'), join(folder, 'owner.log'))
  await claim()
  expect(modes().itself).toBe('755')
  expect([modeOf(join(folder, 'theirs')), modeOf(join(folder, 'notes'))]).toEqual(['755', '644'])
  expect(modeOf(join(folder, 'owner.db'))).toBe('600')
})
