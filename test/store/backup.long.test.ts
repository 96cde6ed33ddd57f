import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { SCHEMA, STATEMENTS } from '../../src/engine/libsql/tables/schema.ts'
import { restoreBackup } from '../../src/store/backup/restore.ts'
import { verifyBackup } from '../../src/store/backup/verify.ts'
import { writeBackup } from '../../src/store/backup.ts'
import { openBlobs } from '../../src/store/blobs/blobs.ts'
import { blobPath } from '../../src/store/blobs/folder-store.ts'
import type { Database } from '../../src/store/database/database.ts'
import { openDatabase } from '../../src/store/database/open.ts'
import { STORED_FORMAT } from '../../src/store/stored-format.ts'

let home: string
let file: string
let source: { readonly database: string; readonly blobs: string }
let database: Database
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'antiphon-backup-'))
  file = join(home, 'one.backup')
  mkdirSync(join(home, 'data'))
  source = { database: join(home, 'data', 'engine.db'), blobs: join(home, 'data', 'blobs') }
  const options = { schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL', writer: 'main' } as const
  database = await openDatabase({ path: source.database, ...options })
  onTestFinished(async () => {
    await database.close()
    rmSync(home, { recursive: true, force: true })
  })
})

const write = (seq: number, log: object) => database.write({ seq, log: JSON.stringify(log) })
const blobs = () => openBlobs(source.blobs)
const verify = (path = file) => verifyBackup(path)

test('holds what is committed and the blobs that it refers to, and no others', async () => {
  const kept = await blobs().put({ text: 'kept' })
  const orphan = await blobs().put({ text: 'an orphan' })
  write(1, { parts: [['run/one', [['step/a', { result: { blob: kept } }]]]], x: 'f'.repeat(64) })
  const made = await writeBackup(source, file)
  expect(made).toMatchObject({ file, blobs: 1, damaged: [], tables: { log: { rows: 1 } } })
  expect(verify()).toMatchObject({ blobs: 1, faults: [], format: STORED_FORMAT, bytes: statSync(file).size })
  const folder = join(home, 'restored')
  await restoreBackup(file, folder)
  expect(await openBlobs(join(folder, 'blobs')).get(kept)).toEqual({ text: 'kept' })
  expect(existsSync(blobPath(join(folder, 'blobs'), orphan))).toBe(false)
  expect(dump(join(folder, 'engine.db'))).toEqual(dump(source.database))
})

test('holds files that no text has, also long ones, and a damaged one is left out', async () => {
  const [short, long, broken] = [randomBytes(1000), randomBytes(9 * 1024 * 1024), randomBytes(8 * 1024 * 1024)]
  const hashes: string[] = []
  for (const bytes of [short, long, broken]) {
    const draft = await blobs().draft(ReadableStream.from([bytes]))
    await blobs().keep(draft)
    hashes.push(draft.hash)
  }
  appendFileSync(blobPath(source.blobs, hashes[2]!), 'more')
  write(1, { files: hashes.map((hash) => `file_${hash}`) })
  expect(await writeBackup(source, file)).toMatchObject({ blobs: 2, damaged: [hashes[2]] })
  expect(verify()).toMatchObject({ blobs: 2, faults: [] })
  const folder = join(home, 'restored')
  await restoreBackup(file, folder)
  for (const [at, bytes] of [short, long].entries())
    expect(readFileSync(blobPath(join(folder, 'blobs'), hashes[at]!)).equals(bytes)).toBe(true)
  expect(existsSync(blobPath(join(folder, 'blobs'), hashes[2]!))).toBe(false)

  for (const [damage, fault] of [
    ['delete from piece where n = 1', `blob ${hashes[1]} holds something else`],
    ['delete from piece', 'there are 1 blobs instead of 2'],
  ] as const) {
    const backup = new Libsql(file)
    backup.exec(damage)
    backup.close()
    expect(verify().faults).toEqual([fault])
  }
})

test('is for its user alone, and leaves no drafts', async () => {
  await writeBackup(source, file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readdirSync(home).sort()).toEqual(['data', 'one.backup'])
})

test('replaces nothing without being asked to', async () => {
  writeFileSync(file, 'mine')
  await expect(writeBackup(source, file)).rejects.toMatchObject({
    name: 'InvalidError',
    hint: expect.stringContaining('--force'),
  })
  expect(readFileSync(file, 'utf8')).toBe('mine')
  await writeBackup(source, file, { force: true })
  expect(verify().faults).toEqual([])
})

test('replaces no folder, and nothing that the data folder is made of, also on request', async () => {
  write(1, { x: 'kept' })
  symlinkSync(join(home, 'data'), join(home, 'link'))
  const secrets = join(home, 'data', 'secrets.json')
  writeFileSync(secrets, '{}')
  for (const taken of [source.database, join(home, 'link', 'engine.db'), secrets])
    await expect(writeBackup(source, taken, { force: true })).rejects.toMatchObject({
      name: 'InvalidError',
      message: expect.stringContaining('in the data folder'),
    })
  await expect(writeBackup(source, home, { force: true })).rejects.toMatchObject({ message: `${home} is a folder.` })
  expect(readFileSync(secrets, 'utf8')).toBe('{}')
  const own = join(home, 'data', 'one.backup')
  await writeBackup(source, own)
  expect(verify(own)).toMatchObject({ faults: [], tables: { log: { rows: 1 } } })
})

test('does not replace a file that comes there while it is made', async () => {
  const making = writeBackup(source, file)
  writeFileSync(file, 'mine')
  await expect(making).rejects.toMatchObject({ name: 'InvalidError' })
  expect(readFileSync(file, 'utf8')).toBe('mine')
  expect(readdirSync(home).sort()).toEqual(['data', 'one.backup'])
})

test('says where it cannot be', async () => {
  await expect(writeBackup(source, join(home, 'nowhere', 'x'))).rejects.toMatchObject({ name: 'InvalidError' })
})

test('can be cancelled, and leaves nothing', async () => {
  const leaving = new AbortController()
  const making = writeBackup(source, file, { signal: leaving.signal })
  leaving.abort()
  await expect(making).rejects.toMatchObject({ code: 'cancelled' })
  expect(readdirSync(home)).toEqual(['data'])
})

test('names a blob that is damaged, and leaves it out', async () => {
  const hash = await blobs().put({ text: 'whole' })
  write(1, { x: hash })
  writeFileSync(blobPath(source.blobs, hash), '"other"')
  expect(await writeBackup(source, file)).toMatchObject({ blobs: 0, damaged: [hash] })
  expect(verify().faults).toEqual([])
})

test.each([
  ['a row of a table', `update log set data = '{"taken":["x"]}'`, 'table log holds something else than was written'],
  ['a row of the log that is no JSON', `update log set data = '{"t'`, 'row log 1 does not match its checksum'],
  ['a checksum of the log', 'update log set sum = 5', 'row log 1 does not match its checksum'],
  ['a row that is missing', 'delete from log', 'table log has 0 rows instead of 1'],
  ['a table that is new', 'create table new(x)', 'table new was not there when the backup was made'],
  ['a table that is missing', 'drop table event', 'table event cannot be read'],
  ['a blob', `update blob set value = 'x'`, 'holds something else'],
  ['a blob that is missing', 'delete from blob', 'there are 0 blobs instead of 1'],
])('verification finds %s', async (_, damage, fault) => {
  write(1, { x: await blobs().put('a value') })
  await writeBackup(source, file)
  const backup = new Libsql(file)
  backup.exec(damage)
  backup.close()
  expect(verify().faults.join('\n')).toContain(fault)
  const folder = join(home, 'restored')
  await expect(restoreBackup(file, folder)).rejects.toMatchObject({ code: 'damaged' })
  expect(existsSync(folder)).toBe(false)
})

test('verification finds any changed byte of what was kept', async () => {
  const text = 'a text that occurs once'
  const blob = await blobs().put(`${'long'.repeat(5000)} another such text`)
  write(1, { text, blob })
  await writeBackup(source, file)
  for (const found of [text, 'another such text', blob]) {
    const bytes = readFileSync(file)
    const at = bytes.indexOf(found)
    expect(at).toBeGreaterThan(0)
    bytes[at + 3]! ^= 1
    const damaged = join(home, 'damaged.backup')
    writeFileSync(damaged, bytes)
    expect(verify(damaged).faults).not.toEqual([])
  }
})

// libSQL ends the process that reads such a text, so a process of its own looks
test.each([
  ['in a row of the log', 'a text that occurs once', /table log holds something else than was written/],
  ['in a blob', 'another such text', /^blob [0-9a-f]{64} holds something else$/],
  ['in what it says of itself', '"blobs":1', /is not a backup|is damaged/],
  ['in the names of its tables', 'tabledead_letter', /is damaged/],
])('verification finds bytes that are no text: %s', async (_, found, fault) => {
  const blob = await blobs().put(`${'long'.repeat(5000)} another such text`)
  write(1, { text: 'a text that occurs once', blob })
  await writeBackup(source, file)
  const bytes = readFileSync(file)
  // a page that was given up holds it, too
  const at = bytes.lastIndexOf(found)
  expect(at).toBeGreaterThan(0)
  bytes[at + found.length - 1] = 0xff
  writeFileSync(file, bytes)
  const program = `
    import { verifyBackup } from ${JSON.stringify(new URL('../../src/store/backup/verify.ts', import.meta.url).href)}
    try { console.log(verifyBackup(${JSON.stringify(file)}).faults.join('\\n')) } catch (error) { console.log(error.message) }`
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  expect(status).toBe(0)
  expect(stdout.trim()).toMatch(fault)
})

test.each([
  [STORED_FORMAT - 1, 'an older'],
  [STORED_FORMAT + 1, 'a newer'],
])('one of format %i is refused', async (found, age) => {
  await writeBackup(source, file)
  const other = new Libsql(file)
  other.exec(`pragma user_version = ${found}`)
  other.close()
  expect(() => verify()).toThrow(
    `${file} was made by ${age} release of antiphon: expected format ${STORED_FORMAT}, found ${found}.`,
  )
})

test('an invalid backup is refused with a reason', async () => {
  writeFileSync(file, 'a: 1\n'.repeat(2000))
  expect(() => verify()).toThrow(/is not a backup/)
  await writeBackup(source, file, { force: true })
  const whole = readFileSync(file)
  writeFileSync(file, whole.subarray(0, whole.length / 2))
  const outcome = (() => {
    try {
      return verify().faults
    } catch (error) {
      return String(error)
    }
  })()
  expect(String(outcome)).toMatch(/malformed|cannot be read/)
})

test('is restored only where nothing is, and leaves nothing where it cannot be', async () => {
  await writeBackup(source, file)
  await expect(restoreBackup(file, join(home, 'data'))).rejects.toMatchObject({ name: 'InvalidError' })
  const folder = join(home, 'restored')
  mkdirSync(folder)
  await restoreBackup(file, folder)
  expect(statSync(join(folder, 'engine.db')).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).not.toContain('restoring')
  if (process.getuid?.() === 0) return
  const locked = join(home, 'locked')
  mkdirSync(locked)
  chmodSync(locked, 0o500)
  await expect(restoreBackup(file, join(locked, 'x'))).rejects.toMatchObject({ name: 'InvalidError' })
})

/** All tables of a database with their rows. */
function dump(path: string): object {
  const opened = new Libsql(path)
  const names = opened
    .prepare(`select name from sqlite_schema where type = 'table' order by name`)
    .raw()
    .all([]) as string[][]
  const tables = names.map(([name]) => [name, opened.prepare(`select * from "${name}"`).raw().all([])])
  opened.close()
  return Object.fromEntries(tables)
}
