import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { add } from '../../src/memory/store/add.ts'
import { openConnection } from '../../src/memory/store/connection.ts'
import { list, listChanges } from '../../src/memory/store/read.ts'
import { pin } from '../../src/memory/store/write.ts'
import { fc, runs } from '../property.ts'

function open() {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'))
  const connection = openConnection(join(folder, 'memory.db'), 'write')
  onTestFinished(() => {
    connection.close()
    rmSync(folder, { recursive: true })
  })
  const versions = () => connection.all<{ version: number }>('select version from owner').map(({ version }) => version)
  return { connection, versions }
}

test('a transaction that reads after a write fails, and leaves nothing', () => {
  const { connection, versions } = open()
  add(connection, 'ada', [{ text: 'kiln' }], {}, 1)
  const erase = () => connection.run('delete from record where owner = ?', [1])
  const late = () =>
    connection.transaction(1, () => {
      erase()
      return list(connection, 1, {}, 1)
    })
  expect(late).toThrow(/reads before it writes.*select/)
  expect(list(connection, 1, {}, 1)).toHaveLength(1)
  expect(versions()).toEqual([1])
})

test('each write raises the version of its owner, and only that', () => {
  const { connection, versions } = open()
  add(connection, 'ada', [{ id: 'a', text: 'kiln' }], {}, 1)
  add(connection, 'eve', [{ text: 'kiln' }], {}, 1)
  add(connection, 'ada', [{ id: 'a', text: 'kiln' }], {}, 1)
  expect(versions()).toEqual([1, 1])
  pin(connection, 1, { id: 'a', pinned: true }, 2)
  expect(versions()).toEqual([2, 1])
  expect(listChanges(connection, 2, {}).map(({ change }) => change)).toEqual([1])
})

const record = fc.record(
  {
    text: fc.constantFrom('Berlin', 'Oslo', 'Rome'),
    subject: fc.constantFrom('home', 'work'),
    validFrom: fc.integer({ min: 97, max: 103 }),
    validTo: fc.integer({ min: 104, max: 106 }),
    expires: fc.integer({ min: 102, max: 104 }),
  },
  { requiredKeys: ['text', 'subject'] },
)

test('records in one add become the same as one after the other', () => {
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 3 }),
      fc.array(record, { minLength: 1, maxLength: 7 }),
      (old, records) => {
        const [one, other] = [open().connection, open().connection]
        for (const { connection } of [{ connection: one }, { connection: other }])
          for (const each of old) add(connection, 'ada', [each], {}, 99)
        const together = add(one, 'ada', records, {}, 100).records
        const apart = records.map((each) => add(other, 'ada', [each], {}, 100).records[0]!)
        expect(together).toEqual(apart)
        expect(list(one, 1, {}, 101)).toEqual(list(other, 1, {}, 101))
      },
    ),
    runs(6),
  )
})
