import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { expect, it, onTestFinished } from 'vitest'
import type { EngineView } from '../../../src/engine/engine.ts'
import type { InspectQuery } from '../../../src/engine/inspect.ts'
import { libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import { STATEMENTS, schemaWith } from '../../../src/engine/libsql/tables/schema.ts'
import { LIST_INDEXES } from '../../../src/runtime/open/list-indexes.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { openDatabase } from '../../../src/store/database/open.ts'
import { actor, range, ref } from '../../../trials/conformance/actors.ts'
import { createPath, openEngine } from './open.ts'

it('a cell that cannot be read is shown as such, and the others all the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-inspect-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'engine.db')
  const open = async () => {
    const database = await openDatabase({
      path,
      schema: schemaWith(LIST_INDEXES),
      statements: STATEMENTS,
      synchronous: 'FULL',
    })
    const checkpoint = { bytes: 1, chunk: 10, trim: 10 }
    return libsqlEngine({
      actors: [actor('item', null, () => ({ state: null, reply: true }))],
      database,
      checkpoint,
      indexes: LIST_INDEXES,
    })
  }
  const first = await open()
  for (const key of ['a', 'b', 'c']) await first.ask(ref('item', key), null)
  // a later flush carries what the earlier ones left to the tables
  for (const key of ['d', 'e']) await first.ask(ref('item', key), null)
  await first.stop()
  const raw = new Libsql(path)
  expect(raw.prepare("update cell set cell='{' where name='item/b'").run([]).changes).toBe(1)
  raw.close()
  const second = await open()
  onTestFinished(() => second.stop())
  const found = await second.view.inspect({ kind: 'item', limit: 3 })
  expect(found.map(({ of, cell }) => [of.key, cell?.status])).toEqual([
    ['a', 'live'],
    ['b', 'quarantined'],
    ['c', 'live'],
  ])
  expect(found[1]!.cell!.problem).toMatchObject({ code: 'unreadable' })
})

it('page by page shows each actor once, whether a table or only memory knows it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-inspect-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'engine.db')
  const actors = ['item', 'later'].map((kind) => actor(kind, null, () => ({ state: null, reply: true })))
  const open = async (bytes: number) => {
    const database = await openDatabase({
      path,
      schema: schemaWith(LIST_INDEXES),
      statements: STATEMENTS,
      synchronous: 'FULL',
    })
    return libsqlEngine({ actors, database, indexes: LIST_INDEXES, checkpoint: { bytes, chunk: 100, trim: 100 } })
  }
  const keys = Array.from({ length: 150 }, (_, n) => String((n * 37) % 150).padStart(3, '0'))
  const first = await open(1)
  for (const key of keys.slice(0, 50)) await first.ask(ref('item', key), null)
  await first.ask(ref('later', 'z'), null)
  await first.stop()
  // from here on the table stays as it is
  const { ask, tell, view, stop } = await open(2 ** 30)
  onTestFinished(() => stop())
  for (const key of keys.slice(50)) await ask(ref('item', key), null)
  for (const limit of [1, 7, 100, 200]) expect(await keysByPage(view, limit)).toEqual(keys.toSorted())
  for (const key of keys.filter((key) => Number(key) % 4 > 0)) await tell(ref('item', key), null, { type: 'stop' })
  const left = keys.filter((key) => Number(key) % 4 === 0).toSorted()
  for (const limit of [1, 7, 100, 200]) expect(await keysByPage(view, limit)).toEqual(left)
})

async function keysByPage(view: EngineView, limit: number): Promise<readonly string[]> {
  const keys: string[] = []
  for (let page = await view.inspect({ kind: 'item', limit }); page.length > 0; ) {
    keys.push(...page.map(({ of }) => of.key))
    page = await view.inspect({ kind: 'item', limit, after: page.at(-1)!.of })
  }
  return keys
}

it('actors of an unusual status are found by an index: the rows read are those shown', async () => {
  const path = createPath()
  const item = actor('item', null, (_state, status: string) => ({ index: { status }, state: null, reply: true }))
  const options = { actors: [item], checkpoint: { bytes: 1, chunk: 500, trim: 500 } }
  const first = await openEngine(path, options)
  for (const n of range(300))
    await first.ask(ref('item', `${n}`.padStart(3, '0')), n % 100 === 7 ? 'late' : 'completed')
  await first.stop()
  const read: { sql: string; rows: number }[] = []
  const between = (database: Database): Database => ({
    ...database,
    all(sql, values = []) {
      const rows = database.all<never>(sql, values)
      const [plan] = database.all<{ detail: string }>(`explain query plan ${sql}`, values)
      read.push({ sql: plan!.detail, rows: rows.length })
      return rows
    },
  })
  const { view } = await openEngine(path, { actors: [item], between, indexes: LIST_INDEXES })
  read.length = 0
  const found = async (query: InspectQuery) => (await view.inspect(query)).map(({ of }) => of.key)
  expect(await found({ status: 'late' })).toEqual(['007', '107', '207'])
  expect(await found({ status: 'late', kind: 'item', after: ref('item', '007'), limit: 1 })).toEqual(['107'])
  expect(await found({ status: 'none' })).toEqual([])
  const index = 'SEARCH cell USING INDEX cell_standing (<expr>=? AND name>? AND name<?)'
  expect(read).toEqual([3, 2, 0].map((rows) => ({ sql: index, rows })))
})
