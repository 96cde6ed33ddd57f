import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { expect, it, onTestFinished } from 'vitest'
import type { View } from '../../../src/engine/engine.ts'
import { libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/schema.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { actor, ref } from '../../../src/testing/conformance/actors.ts'

it('a cell that cannot be read is shown as such, and the others all the same', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-inspect-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'engine.db')
  const open = async () => {
    const database = await openDatabase({ path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL' })
    const checkpoint = { bytes: 1, chunk: 10, trim: 10 }
    return libsqlEngine({ actors: [actor('item', null, () => ({ state: null, reply: true }))], database, checkpoint })
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
  const database = await openDatabase({ path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL' })
  const actors = ['item', 'later'].map((kind) => actor(kind, null, () => ({ state: null, reply: true })))
  const engine = libsqlEngine({ actors, database, checkpoint: { bytes: 1_000, chunk: 10, trim: 10 } })
  onTestFinished(() => engine.stop())
  // in no order, so that tables and memory each have some of every page
  const keys = Array.from({ length: 60 }, (_, n) => String((n * 37) % 60).padStart(2, '0'))
  for (const key of keys) await engine.ask(ref('item', key), null)
  await engine.ask(ref('later', 'z'), null)
  const stored = database.all<{ count: number }>("select count(*) as count from cell where name like 'item/%'")[0]!
    .count
  expect(stored).toBeGreaterThan(10)
  expect(stored).toBeLessThan(50)
  for (const limit of [1, 7, 60, 100]) expect(await keysByPage(engine.view, limit)).toEqual(keys.toSorted())
})

async function keysByPage(view: View, limit: number): Promise<readonly string[]> {
  const keys: string[] = []
  for (let page = await view.inspect({ kind: 'item', limit }); page.length > 0; ) {
    keys.push(...page.map(({ of }) => of.key))
    page = await view.inspect({ kind: 'item', limit, after: page.at(-1)!.of })
  }
  return keys
}
