import Libsql from 'libsql'
import { expect, test } from 'vitest'
import { erasuresDuty } from '../../../src/memory/duties/erasures.ts'
import { openFile } from '../folder.ts'

const { signal } = new AbortController()

test('a report that a reader keeps pending is closed later', async () => {
  const { memory, path, calls } = openFile()
  await memory().add([{ id: 'w', text: 'xylographic' }])
  const reader = new Libsql(path)
  reader.exec('begin')
  reader.prepare('select count(*) from record').get([])
  const report = await memory().forget({ id: 'w' })
  expect(report.status).toBe('pending')
  expect(await memory().list()).toEqual([])
  const duty = erasuresDuty(calls())
  reader.exec('commit')
  reader.close()
  expect(await duty.run('ada', signal)).toEqual({ did: { erasures: 1 } })
  expect((await memory().stats()).pending).toBe(0)
  expect(await duty.run('ada', signal)).toEqual({})
})
