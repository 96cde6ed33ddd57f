import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { tiersDuty } from '../../../src/memory/duties/tiers.ts'
import { openConnection } from '../../../src/memory/store/connection.ts'
import { openFile } from '../folder.ts'

const CHILD = new URL('moves-child.ts', import.meta.url).pathname

test('A2: killed at 20 moments of its moves, every record is in one tier, and each move counts once', async () => {
  const { memory, clock, path, close, calls } = openFile()
  const ada = memory()
  for (let at = 0; at < 4; at++)
    await ada.add(Array.from({ length: 1000 }, (_, one) => ({ id: `r${at}.${one}`, text: `${one}`, data: 0.12345 })))
  clock.now += 3_600_000
  for (let kill = 1; kill <= 20; kill++)
    expect(spawnSync(process.execPath, [CHILD, path, `${(kill % 4) + 1}`, `${clock.now}`]).signal).toBe('SIGKILL')
  const half = (await ada.stats()).tiers
  expect(half.short.records + half.intermediate.records).toBe(4000)
  expect(half.intermediate.records).toBeGreaterThan(1000)
  await tiersDuty(calls()).run('ada', new AbortController().signal)
  expect((await ada.stats()).tiers).toMatchObject({ short: { records: 0 }, intermediate: { records: 4000 } })
  await close()
  const connection = openConnection(path, 'read')
  const count = 'select count(distinct id) ids, sum(version) versions, count(*) records, max(data) data from record'
  expect(connection.first(count)).toMatchObject({ ids: 4000, versions: 8000, records: 4000, data: '0.123' })
  connection.close()
})
