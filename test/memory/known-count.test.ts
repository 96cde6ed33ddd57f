import { expect, test } from 'vitest'
import { openConnection } from '../../src/memory/store/connection.ts'
import { countKnown } from '../../src/memory/store/search/count.ts'
import { fc, runs } from '../property.ts'
import { openFile } from './folder.ts'
import { checkHistory, history } from './history-model.ts'

const COUNTED = `select o.number owner, (select count(*) from record r where r.owner = o.number
  and r.withdrawn_at is null and r.erasure is null and r.proposed = 0) records from owner o`

/** The kept count of each owner, and the count of its rows. */
function countsIn(path: string) {
  const connection = openConnection(path, 'read')
  try {
    const rows = connection.all<{ readonly owner: number; readonly records: number }>(COUNTED)
    const kept = connection.all<{ readonly owner: number }>('select owner from known')
    return {
      counts: rows.map(({ owner }) => countKnown(connection, owner)),
      rows: rows.map(({ records }) => records),
      kept: kept.map(({ owner }) => owner),
    }
  } finally {
    connection.close()
  }
}

test('the kept count of records is exact after each history', async () => {
  await fc.assert(
    fc.asyncProperty(history, async ([ops, restart]) => {
      const file = openFile()
      await file.memory('ada').add([{ text: 'kiln' }])
      await checkHistory(file, ops, restart)
      const { counts, rows, kept } = countsIn(file.path)
      expect(counts).toEqual(rows)
      expect(kept.length).toBeGreaterThan(0)
    }),
    runs(10),
  )
})

test('each owner has a count of its own, and a forgotten owner keeps none', async () => {
  const file = openFile()
  await file.memory('ada').add([{ text: 'kiln' }, { text: 'glaze' }])
  await file.memory('eve').add([{ text: 'clay' }])
  expect(countsIn(file.path)).toEqual({ counts: [2, 1], rows: [2, 1], kept: [1, 2] })
  await file.memory('ada').forget({ all: true })
  await file.calls().write('ada', 'forgetOwner', {})
  expect(countsIn(file.path)).toEqual({ counts: [1], rows: [1], kept: [2] })
})
