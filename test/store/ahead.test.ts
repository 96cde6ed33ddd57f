import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { copyAhead } from '../../src/store/ahead.ts'

const TEXT = 'x'.repeat(10_000)

/** A file whose writer never copies anything by itself. */
function open() {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-ahead-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'x.db')
  const database = new Libsql(path)
  database.exec('pragma journal_mode=WAL')
  database.exec('pragma wal_autocheckpoint=0')
  database.exec('create table log(seq integer primary key, data text)')
  const insert = database.prepare('insert into log(data) values(?)')
  return {
    path,
    write: () => void insert.run([TEXT]),
    count: () => (new Libsql(path).prepare('select count(*) as n from log').get([]) as { n: number }).n,
  }
}

test('when so many pages were written they are copied, while others are written, and the log begins anew', async () => {
  const { path, write, count } = open()
  const finished = Promise.withResolvers<void>()
  const ahead = copyAhead(path, finished.resolve, 300)
  const wal = () => new Libsql(path).prepare('pragma wal_checkpoint(PASSIVE)').get([]) as { log: number }
  for (let seq = 1; seq <= 100; seq++) {
    write()
    ahead.add({ seq, log: TEXT })
  }
  await finished.promise
  expect(wal().log).toBeGreaterThan(200)
  // all was copied: the next one begins at the front
  write()
  expect(wal().log).toBeLessThan(50)
  await ahead.close()
  expect(count()).toBe(101)
})

test('nothing is copied before that, nor after it was closed', async () => {
  const { path, write } = open()
  let copies = 0
  const ahead = copyAhead(path, () => void copies++, 300)
  write()
  ahead.add({ seq: 1, log: TEXT })
  await ahead.close()
  for (let seq = 2; seq <= 200; seq++) ahead.add({ seq, log: TEXT })
  await ahead.close()
  expect(copies).toBe(0)
})

test('closed in the middle of a copy, it ends when that has ended', async () => {
  const { path, write } = open()
  let copies = 0
  const ahead = copyAhead(path, () => void copies++, 1)
  for (let seq = 1; seq <= 50; seq++) write()
  ahead.add({ seq: 50, log: TEXT })
  await ahead.close()
  expect(copies).toBe(1)
})

test('a file that cannot be copied is left to its writer', async () => {
  const { path } = open()
  let copies = 0
  const ahead = copyAhead(join(path, 'nowhere'), () => void copies++, 1)
  ahead.add({ seq: 1, log: TEXT })
  await ahead.close()
  expect(copies).toBe(0)
})
