import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DAY } from '../../../../src/runtime/maintenance/retention/limits.ts'
import { sweepValues } from '../../../../src/runtime/maintenance/retention/sweep.ts'
import { openBlobs } from '../../../../src/store/blobs/blobs.ts'

test('retention searches for references only when something is old enough to go', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-retention-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const values = openBlobs(folder)
  const used = await values.put('used')
  let looks = 0
  const findReferences = async () => {
    looks++
    return [used]
  }
  const { signal } = new AbortController()
  const sweepAt = (now: number) => sweepValues({ values, findReferences, now, dryRun: false, signal })
  expect(await sweepAt(Date.now())).toEqual([])
  expect(looks).toBe(0)
  expect(await sweepAt(Date.now() + 2 * DAY)).toEqual([])
  const unused = await values.put('unused')
  expect(await sweepAt(Date.now() + 2 * DAY)).toMatchObject([{ what: 'blob', count: 1 }])
  expect(looks).toBe(2)
  await expect(values.get(unused)).rejects.toThrow('There is no blob')
})
