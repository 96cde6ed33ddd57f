import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/tables/schema.ts'
import { claimFolder } from '../../../src/store/data-folder/owner.ts'
import { openDatabase } from '../../../src/store/database/open.ts'
import { STORED_FORMAT } from '../../../src/store/stored-format.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'antiphon-format-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
})

/** A data folder of that format: as a process left it that stopped, or as one that was killed with all of it in the write-ahead log. */
async function folderOf(format: number, end: 'stopped' | 'killed'): Promise<string> {
  const folder = join(home, 'data')
  const owner = await claimFolder(folder, { command: 'test' })
  const path = join(folder, 'engine.db')
  const database = await openDatabase({
    path,
    schema: { ...SCHEMA, format },
    statements: STATEMENTS,
    synchronous: 'FULL',
    writer: 'main',
  })
  database.write({ seq: 1, log: '{}' })
  const copy = join(home, 'copy')
  if (end === 'killed') cpSync(folder, copy, { recursive: true })
  await database.close()
  if (!owner.taken) owner.release()
  if (end === 'stopped') cpSync(folder, copy, { recursive: true })
  return copy
}

const bytesIn = (folder: string) => new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]))

test.each([
  [STORED_FORMAT - 1, 'stopped', 'an older', 'Finish the runs in it with the release that wrote it'],
  [STORED_FORMAT - 1, 'killed', 'an older', 'give a new folder with --data DIR'],
  [STORED_FORMAT + 1, 'stopped', 'a newer', 'Continue with the release that wrote it'],
  [STORED_FORMAT + 1, 'killed', 'a newer', '--data DIR'],
] as const)('a folder of format %i whose process was %s is refused, and no byte of it changes', async (...given) => {
  const [format, end, age, hint] = given
  const folder = await folderOf(format, end)
  const before = bytesIn(folder)
  await expect(claimFolder(folder, { command: 'test' })).rejects.toMatchObject({
    name: 'InvalidError',
    message: `the data folder ${folder} was written by ${age} release of antiphon: expected format ${STORED_FORMAT}, found ${format}.`,
    hint: expect.stringContaining(hint),
  })
  expect(bytesIn(folder)).toEqual(before)
})

test.each(['stopped', 'killed'] as const)('a folder of this format whose process was %s is taken', async (end) => {
  const folder = await folderOf(STORED_FORMAT, end)
  const owner = await claimFolder(folder, { command: 'test' })
  expect(owner.taken).toBe(false)
  if (!owner.taken) owner.release()
})
