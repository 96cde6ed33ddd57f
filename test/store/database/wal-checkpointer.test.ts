import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as moment } from 'node:timers/promises'
import Libsql from 'libsql'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { openDatabase } from '../../../src/store/database/open.ts'
import { createWalCheckpointer } from '../../../src/store/database/wal-checkpointer.ts'
import { openWriter } from '../../../src/store/database/writer.ts'
import { until } from '../../../src/testing/index.ts'

/** The passes of the other thread: each begins when it is called, and ends when it is let go. */
const passes = vi.hoisted(() => ({ begun: 0, ended: 0, held: undefined as Promise<void> | undefined }))

vi.mock('libsql/promise', async (original) => {
  const { default: Libsql } = (await original()) as {
    default: new (path: string, options: object) => { exec(sql: string): Promise<void>; close(): void }
  }
  return {
    default: class {
      readonly #database
      constructor(path: string, options: object) {
        this.#database = new Libsql(path, options)
      }
      async exec(sql: string) {
        passes.begun++
        try {
          await passes.held
          await this.#database.exec(sql)
        } finally {
          passes.ended++
        }
      }
      close() {
        this.#database.close()
      }
    },
  }
})

const TEXT = 'x'.repeat(10_000)
const SCHEMA = {
  format: 1,
  sql: `create table meta(name text primary key, value any, sum integer);
   create table log(seq integer primary key, data text not null, ids text, sum integer not null, ids_sum integer)`,
}

let path: string
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-ahead-'))
  path = join(folder, 'engine.db')
  passes.begun = 0
  passes.ended = 0
  passes.held = undefined
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})

const OPTIONS = { schema: SCHEMA, statements: { ids: 'select ?, ?' }, synchronous: 'FULL' } as const
const NEVER = 1e9

function open({ most = NEVER, idle = NEVER }: { readonly most?: number; readonly idle?: number }) {
  const writer = openWriter({ path, ...OPTIONS })
  const copies: string[] = []
  let seq = 0
  const ahead = createWalCheckpointer(
    path,
    (how) => {
      copies.push(how)
      writer.copy(how)
    },
    { most, idle },
  )
  function write(): void {
    const written = { seq: ++seq, log: TEXT }
    ahead.beforeWrite()
    writer.write(written)
    ahead.wrote(written)
  }
  async function close(): Promise<void> {
    await ahead.close()
    writer.close()
  }
  return { ahead, writer, copies, write, close }
}

const sizeOfLog = () => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0
const framesOf = () => (new Libsql(path).prepare('pragma wal_checkpoint(PASSIVE)').get([]) as { log: number }).log
const count = () => (new Libsql(path).prepare('select count(*) as n from log').get([]) as { n: number }).n
/** Until every pass has ended, and the one who began it has been told. */
async function settled(): Promise<void> {
  await until(() => passes.begun > 0 && passes.ended === passes.begun)
  await moment()
}

test('after so many pages another thread makes one pass, and the writer copies the rest before its next write', async () => {
  const { copies, write, close } = open({ most: 100 })
  const gate = Promise.withResolvers<void>()
  passes.held = gate.promise
  for (let n = 0; n < 100; n++) write()
  await until(() => passes.begun > 0)
  expect({ passes: passes.begun, copies }).toEqual({ passes: 1, copies: [] })
  gate.resolve()
  await settled()
  expect(copies).toEqual([])
  write()
  expect(copies).toEqual(['PASSIVE'])
  // everything was copied: the log began anew
  expect(framesOf()).toBeLessThan(50)
  expect(passes.begun).toBe(1)
  await close()
  expect(count()).toBe(101)
})

test('while everything is copied no thread makes a pass, not even when it is idle', async () => {
  const { copies, write, close } = open({ most: 100, idle: 20 })
  for (let n = 0; n < 30; n++) write()
  await until(() => copies.length > 0)
  // idle after the pass: the writer ends the copy itself
  expect(copies).toEqual(['TRUNCATE'])
  expect(passes.begun).toBe(1)
  await settled()
  expect(passes.begun).toBe(1)
  await close()
})

test('a write in progress keeps an idle pass from beginning', async () => {
  const { ahead, copies, close } = open({ idle: 1 })
  ahead.beforeWrite()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect({ passes: passes.begun, copies }).toEqual({ passes: 0, copies: [] })
  ahead.wrote({ seq: 1, log: '{}' })
  await until(() => copies.length > 0)
  await close()
})

test('a writer copies nothing at a commit, however long the log is', async () => {
  const { writer, write, close } = open({})
  for (let n = 0; n < 20; n++) write()
  const before = statSync(path).size
  writer.write({ seq: 1_000, log: 'x'.repeat(20_000_000) })
  expect(statSync(path).size).toBe(before)
  await close()
})

test('nothing is copied before that, nor after it was closed', async () => {
  const { ahead, copies, write } = open({ most: 300 })
  write()
  await ahead.close()
  for (let n = 0; n < 200; n++) write()
  await ahead.close()
  expect({ passes: passes.begun, copies }).toEqual({ passes: 0, copies: [] })
})

test('closed in the middle of a pass, it ends when the pass has ended', async () => {
  const { write, close } = open({ most: 100 })
  const gate = Promise.withResolvers<void>()
  passes.held = gate.promise
  for (let n = 0; n < 100; n++) write()
  await until(() => passes.begun > 0)
  let isClosed = false
  const closing = close().then(() => (isClosed = true))
  await moment()
  expect(isClosed).toBe(false)
  gate.resolve()
  await closing
})

test('the writer copies everything when the pass fails', async () => {
  const { copies, write, close } = open({ most: 100 })
  passes.held = Promise.reject(new Error('no'))
  passes.held.catch(() => {})
  for (let n = 0; n < 100; n++) write()
  await settled()
  write()
  expect(copies).toEqual(['PASSIVE'])
  expect(framesOf()).toBeLessThan(50)
  await close()
})

test.each(['main', 'thread'] as const)('the log is empty after a clean stop of a writer in its %s', async (writer) => {
  const database = await openDatabase({ path, ...OPTIONS, writer })
  const { promise, resolve } = Promise.withResolvers<void>()
  database.onWritten(() => resolve())
  database.write({ seq: 1, log: TEXT })
  await promise
  expect(sizeOfLog()).toBeGreaterThan(10_000)
  await database.close()
  expect(sizeOfLog()).toBe(0)
  expect(count()).toBe(1)
})

test('a writer that was taken over leaves the log alone', async () => {
  const { writer, write } = open({})
  write()
  const other = openWriter({ path, ...OPTIONS })
  const size = sizeOfLog()
  writer.copy('TRUNCATE')
  writer.close()
  expect(sizeOfLog()).toBe(size)
  other.copy('TRUNCATE')
  expect(sizeOfLog()).toBe(0)
  other.close()
})
