import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { expect, it, onTestFinished } from 'vitest'
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
