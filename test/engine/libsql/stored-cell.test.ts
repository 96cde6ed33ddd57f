import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Libsql from 'libsql'
import { expect, onTestFinished, test } from 'vitest'
import { libsqlEngine } from '../../../src/engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../../../src/engine/libsql/schema.ts'
import { openDatabase } from '../../../src/store/database.ts'
import { READ, recorder, ref } from '../../../src/testing/conformance/actors.ts'

const A = ref('recorder', 'a')
const B = ref('recorder', 'b')

async function folderWithDamage(damage: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-cell-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'engine.db')
  const engine = await openEngine(path)
  for (const to of [A, B]) await engine.ask(to, 'one')
  await engine.tell(A, 'two')
  await engine.stop()
  const database = new Libsql(path)
  expect(database.prepare('update cell set cell = ? where name = ?').run([damage, 'recorder/a']).changes).toBe(1)
  database.close()
  return path
}

async function openEngine(path: string) {
  const database = await openDatabase({
    path,
    schema: SCHEMA,
    statements: STATEMENTS,
    synchronous: 'FULL',
    writer: 'main',
  })
  // all is in the tables as soon as it is written
  const engine = libsqlEngine({ actors: [recorder()], database, checkpoint: { bytes: 1, chunk: 100, trim: 100 } })
  await engine.start()
  return engine
}

const storedIn = (path: string) => {
  const database = new Libsql(path)
  const row = database.prepare('select cell from cell where name = ?').get(['recorder/a']) as { cell: string }
  database.close()
  return row.cell
}

test.each(['{"version":1,"sta', 'null', '[]', '7'])(
  'a damaged cell harms no other and stays as it is: %s',
  async (damage) => {
    const path = await folderWithDamage(damage)
    const engine = await openEngine(path)
    expect(await engine.ask(B, READ)).toEqual(['one'])
    for (const _ of [1, 2])
      await expect(engine.ask(A, READ)).rejects.toMatchObject({
        code: 'unreadable',
        message: expect.stringContaining('recorder/a'),
      })
    const [{ cell } = {}] = await engine.view.inspect({ ...A })
    expect(cell).toMatchObject({ status: 'quarantined', problem: { code: 'unreadable' } })
    expect(await engine.deadLetters.list()).toHaveLength(2)
    await engine.stop()
    expect(storedIn(path)).toBe(damage)
    const again = await openEngine(path)
    await again.tell(A, null, { type: 'stop' })
    expect(await again.ask(A, 'new')).toBe(1)
    await again.stop()
  },
)
