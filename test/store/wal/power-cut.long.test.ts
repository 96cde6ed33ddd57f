import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openDatabase } from '../../../src/store/database/open.ts'
import { openWriter } from '../../../src/store/database/writer.ts'
import { verifyWalOf } from '../../../src/store/wal/read.ts'
import { fc, runs } from '../../property.ts'
import { copyWith, newPath, OPTIONS, openLog, openRenewed } from './logs.ts'

const SECTOR = 512

/** The log after a power cut: `isWritten` says of each sector of the last flush whether it reached the disk. */
function cut(before: Buffer, after: Buffer, isWritten: (sector: number) => boolean): Buffer {
  const disk = Buffer.alloc(after.length)
  before.copy(disk)
  for (let at = 0; at < after.length; at += SECTOR)
    if (isWritten(at / SECTOR)) after.copy(disk, at, at, Math.min(at + SECTOR, after.length))
  return disk
}

/** What the log was before and after a flush of several pages, and the database beside it. */
function flushIn(opened: ReturnType<typeof openLog>, characters: number) {
  for (let n = 0; n < 5; n++) opened.write()
  const database = newPath()
  copyFileSync(opened.path, database)
  const before = opened.log()
  const acknowledged = opened.last()
  opened.write(characters)
  return { database, before, after: opened.log(), acknowledged }
}

const subsets = fc.array(fc.boolean(), { minLength: 24, maxLength: 96 })
const chosen = (subset: readonly boolean[]) => (sector: number) => subset[sector % subset.length]!

test.each([
  ['a new log', openLog],
  ['a log over an earlier one', openRenewed],
] as const)('a power cut in a flush, with its sectors in any order, is never damage: %s', (_, open) => {
  const { before, after } = flushIn(open(), 60_000)
  const path = newPath()
  const ends = new Set<string>()
  const property = fc.property(subsets, (subset) => {
    writeFileSync(`${path}-wal`, cut(before, after, chosen(subset)))
    const { end } = verifyWalOf(path)
    ends.add(end)
    expect(end).not.toBe('damaged')
  })
  fc.assert(property, runs(300))
  expect(ends).toContain('torn')
})

async function openedAt(path: string) {
  const database = await openDatabase({ path, ...OPTIONS, writer: 'main' })
  const last = database.first<{ last: number }>('select max(seq) as last from log')!.last
  return { database, last }
}

test('after a power cut the folder opens with all that was acknowledged, and after a second one too', async () => {
  const { database, before, after, acknowledged } = flushIn(openRenewed(), 30_000)
  const property = fc.asyncProperty(subsets, subsets, async (first, second) => {
    const path = copyWith(database, cut(before, after, chosen(first)))
    const opened = await openedAt(path)
    expect([acknowledged, acknowledged + 1]).toContain(opened.last)
    // the log begins anew: nothing of the torn flush is behind its end
    opened.database.write({ seq: 100, log: '{}' })
    const log = readFileSync(`${path}-wal`)
    opened.database.write({ seq: 101, log: 'x'.repeat(20_000) })
    const again = copyWith(path, cut(log, readFileSync(`${path}-wal`), chosen(second)))
    await opened.database.close()
    expect(verifyWalOf(again).end).not.toBe('damaged')
    const reopened = await openedAt(again)
    expect([100, 101]).toContain(reopened.last)
    expect(reopened.database.all('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }])
    await reopened.database.close()
  })
  await fc.assert(property, runs(12))
})

test('a process that dies right after it opened a torn log leaves no damage', () => {
  const { database, before, after } = flushIn(openLog(), 30_000)
  // the pages of the commit, and not the first one
  const torn = copyWith(
    database,
    cut(before, after, (sector) => sector > before.length / SECTOR + 8),
  )
  // it has claimed the file in one commit, and did not come to emptying the log
  const writer = openWriter({ path: torn, ...OPTIONS })
  const log = readFileSync(`${torn}-wal`)
  writer.close()
  expect(verifyWalOf(copyWith(torn, log)).end).toBe('torn')
})
