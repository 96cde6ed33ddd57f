import Libsql from 'libsql'
import { expect, test } from 'vitest'
import { encodeCell, parseCell } from '../../../../src/engine/libsql/tables/cell.ts'
import type { Cell } from '../../../../src/kernel/types.ts'
import { READ, recorderActor, ref } from '../../../../trials/conformance/actors.ts'
import { createPath, openEngine } from '../open.ts'

const A = ref('recorder', 'a')
const B = ref('recorder', 'b')

async function folderWithDamage(damage: string): Promise<string> {
  const path = createPath()
  const engine = await open(path)
  for (const to of [A, B]) await engine.ask(to, 'one')
  await engine.tell(A, 'two')
  await engine.stop()
  const database = new Libsql(path)
  expect(database.prepare('update cell set cell = ? where name = ?').run([damage, 'recorder/a']).changes).toBe(1)
  database.close()
  return path
}

// all is in the tables as soon as it is written
const CHECKPOINT = { bytes: 1, chunk: 100, trim: 100 }

async function open(path: string) {
  const engine = await openEngine(path, { actors: [recorderActor()], checkpoint: CHECKPOINT })
  await engine.start()
  return engine
}

const storedIn = (path: string) => {
  const database = new Libsql(path)
  const row = database.prepare('select cell from cell where name = ?').get(['recorder/a']) as { cell: string }
  database.close()
  return row.cell
}

const CELLS: readonly Cell[] = [
  { version: 1, status: 'live', seq: 4, events: 0, state: 0, watchers: [], cancelled: [], timers: {}, index: null },
  {
    version: 2,
    status: 'quarantined',
    seq: 5,
    events: 6,
    state: { a: [1] },
    watchers: [B],
    cancelled: ['work'],
    timers: { ring: 'id' },
    index: { status: 'failed', at: 7 },
    problem: { code: 'broken', name: 'TerminalError', message: 'it broke', terminal: true },
  } as Cell,
]

test('a cell is read as it was', () => {
  for (const cell of CELLS) expect(parseCell('recorder/a', encodeCell(cell))).toEqual(cell)
  expect(encodeCell(CELLS[0]!)).toEqual({
    cell: '{"version":1,"status":"live","seq":4,"events":0,"state":0}',
    index: null,
  })
})

test.each(['{"version":1,"sta', 'null', '[]', '7'])(
  'a damaged cell harms no other and stays as it is: %s',
  async (damage) => {
    const path = await folderWithDamage(damage)
    const engine = await open(path)
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
    const again = await open(path)
    await again.tell(A, null, { type: 'stop' })
    expect(await again.ask(A, 'new')).toBe(1)
    await again.stop()
  },
)
