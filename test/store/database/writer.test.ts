import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Write } from '../../../src/store/database/database.ts'
import { openDatabase } from '../../../src/store/database/open.ts'

const SCHEMA = [
  `create table meta(name text primary key, value any);
   create table log(seq integer primary key, data text not null, ids text, sum integer not null, ids_sum integer);
   create table known(seq integer primary key, ids text not null)`,
]
const STATEMENTS = {
  note: 'insert into meta values(?, ?)',
  renew: 'insert into meta values(?, ?) on conflict(name) do update set value=excluded.value',
  ids: 'insert into known values(?, ?)',
  noteSynchronous: `insert into meta select 'synchronous', synchronous from pragma_synchronous`,
  noteJournal: `insert into meta select 'journal', journal_mode from pragma_journal_mode`,
}

let path: string
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-writer-'))
  path = join(folder, 'engine.db')
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
})

type How = { readonly writer: 'main' | 'thread'; readonly synchronous?: 'FULL' | 'NORMAL' }

/** Gives it these writes, one when the one before has ended, and says what was told of each. */
async function writeAll({ writer, synchronous = 'FULL' }: How, writes: readonly Write[], onTold = () => {}) {
  const database = await openDatabase({ path, schema: SCHEMA, statements: STATEMENTS, synchronous, writer })
  const told: (number | string)[] = []
  let heard = () => {}
  const tell = (what: number | string) => {
    told.push(what)
    onTold()
    heard()
  }
  database.onWritten(tell)
  database.onFailed(({ message }) => tell(message))
  for (const write of writes) {
    const { promise, resolve } = Promise.withResolvers<void>()
    heard = resolve
    database.write(write)
    await promise
  }
  await database.close()
  return told
}

function read<Row>(sql: string): readonly Row[] {
  const database = new Libsql(path)
  try {
    return database.prepare(sql).all([]) as Row[]
  } finally {
    database.close()
  }
}

const seqs = () => read<{ seq: number }>('select seq from log order by seq').map(({ seq }) => seq)
const meta = () =>
  new Map(read<{ name: string; value: unknown }>('select * from meta').map((row) => [row.name, row.value]))

describe.each(['main', 'thread'] as const)('a writer in its %s', (writer) => {
  test.each([
    ['FULL', 2],
    ['NORMAL', 1],
  ] as const)('makes its commits as durable as is asked: %s', async (synchronous, level) => {
    const rows = [['noteSynchronous', [[]]] as const, ['noteJournal', [[]]] as const]
    await writeAll({ writer, synchronous }, [{ seq: 1, log: '{}', rows }])
    expect([meta().get('synchronous'), meta().get('journal')]).toEqual([level, 'wal'])
  })

  test('tells of a write when any other reader sees it', async () => {
    const seen: (readonly number[])[] = []
    const writes = [
      { seq: 1, log: '{}' },
      { seq: 2, log: '{}', rows: [['note', [['a', 1]]] as const] },
    ]
    const told = await writeAll({ writer }, writes, () => seen.push(seqs()))
    expect(told).toEqual([1, 2])
    expect(seen).toEqual([[1], [1, 2]])
    expect(meta().get('a')).toBe(1)
  })

  test('writes many rows of a statement in their order', async () => {
    const rows = Array.from({ length: 21 }, (_, n) => [`row ${n % 17}`, n] as const)
    expect(await writeAll({ writer }, [{ seq: 1, log: '{}', rows: [['renew', rows]] }])).toEqual([1])
    expect(meta()).toEqual(new Map<string, unknown>([['epoch', 1], ...rows]))
  })

  test('writes all of a write or nothing, and never says that it wrote what failed', async () => {
    const twice = [['note', [['a', 1]]] as const, ['note', [['a', 2]]] as const]
    const writes = [
      { seq: 1, log: '{}' },
      { seq: 2, log: '{}', rows: twice },
    ]
    expect(await writeAll({ writer }, writes)).toEqual([1, expect.stringContaining('UNIQUE')])
    expect(seqs()).toEqual([1])
    expect(meta().has('a')).toBe(false)
  })
})

test('a file that newer code has written is left alone', async () => {
  await writeAll({ writer: 'main' }, [])
  const newer = new Libsql(path)
  newer.exec('pragma user_version = 2')
  newer.close()
  await expect(writeAll({ writer: 'main' }, [])).rejects.toMatchObject({
    message: expect.stringContaining('newer version of antiphon (schema 2, this one knows 1)'),
    hint: expect.stringContaining('--data DIR'),
  })
})
