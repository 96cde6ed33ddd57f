import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { Viewer } from '../../src/house/viewer.ts'
import { openTests } from '../../src/tested/room/files.ts'
import { viewTests } from '../../src/tested/room/port.ts'
import { openFolder } from '../runtime/inspect/folder.ts'
import { caseOf, resultOf } from './example.ts'

function open() {
  const data = mkdtempSync(join(tmpdir(), 'antiphon-tests-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  return { data, tests: openTests(data) }
}
const { test } = resultOf()

it('keeps the last 20 results of a test, the newest first, each with what changed', async () => {
  const { data, tests } = open()
  const ids: string[] = []
  for (let n = 0; n < 23; n++) {
    const cases = [caseOf('greets', { passed: n !== 22, answer: `Hello ${n}.` })]
    ids.push((await tests.save(resultOf({ at: 1_764_300_000_000 + n, cases, passed: n !== 22 }))).id)
  }
  const { results } = await tests.get(test)
  expect(results.map(({ id }) => id)).toEqual(ids.toReversed().slice(0, 20))
  expect(results[0]!.cases).toMatchObject([{ name: 'greets', change: 'broke', differs: true }])
  expect(readdirSync(join(data, 'tests', test))).toHaveLength(20)
  const { items } = await tests.list()
  expect(items).toMatchObject([{ test, results: 20, last: { cases: 1, failed: 1, broke: ['greets'] } }])
  expect((await tests.result(test, ids[22]!)).cases[0]!.answer).toBe('Hello 22.')
})

it('keeps every result of processes that save at once', async () => {
  const { data } = open()
  await Promise.all(Array.from({ length: 15 }, (_, n) => openTests(data).save(resultOf({ at: 1_764_300_000_000 + n }))))
  expect((await openTests(data).get(test)).results).toHaveLength(15)
})

it('drops the test that was not run for the longest time when there are more than 100', async () => {
  const { tests } = open()
  const names = Array.from({ length: 102 }, (_, n) => n.toString(16).padStart(16, '0'))
  for (const [n, name] of names.entries()) await tests.save(resultOf({ test: name, at: 1_764_300_000_000 + n }))
  const { items } = await tests.list()
  expect(items.map((one) => one.test)).toEqual(names.toReversed().slice(0, 100))
})

it('skips files that are no results, and removes the drafts of killed processes', async () => {
  const { data, tests } = open()
  const { id } = await tests.save(resultOf())
  const folder = join(data, 'tests', test)
  writeFileSync(join(folder, 'zzzzzzzz-00000000.json'), '{"half')
  writeFileSync(join(folder, 'zzzzzzzz-00000001.json'), '{"id":"x"}')
  for (const name of ['old', 'new']) writeFileSync(join(folder, name), 'draft')
  utimesSync(join(folder, 'old'), 1, 1)
  expect((await tests.get(test)).results.map((one) => one.id)).toEqual([id])
  expect((await tests.list()).items).toMatchObject([{ last: { id } }])
  await tests.save(resultOf())
  expect(readdirSync(folder).filter((name) => !name.endsWith('.json'))).toEqual(['new'])
})

it.each(['../../engine', '..', 'a/b', 'ffffffffffffffff'])('finds no test %s', async (name) => {
  const { tests } = open()
  await tests.save(resultOf())
  await expect(tests.get(name)).rejects.toMatchObject({ code: 'not_found' })
  await expect(tests.result(name, name)).rejects.toMatchObject({ code: 'not_found' })
  await expect(tests.result(test, name)).rejects.toMatchObject({ code: 'not_found' })
})

it('writes files that only this user reads', async () => {
  const { data, tests } = open()
  const { id } = await tests.save(resultOf())
  const modes = ['tests', join('tests', test), join('tests', test, `${id}.json`)].map(
    (path) => statSync(join(data, path)).mode & 0o777,
  )
  expect(modes).toEqual([0o700, 0o700, 0o600])
})

it('an owner of a program sees no results, its admin does', async () => {
  const { tests } = open()
  await tests.save(resultOf())
  const seenBy = (owner: string, isAdmin: boolean) => viewTests(tests, { caller: { owner }, isAdmin } as Viewer)
  expect([await seenBy('ann', false).list(), (await seenBy('ann', true).list()).items.length]).toEqual([
    { items: [] },
    1,
  ])
  await expect(seenBy('ann', false).get(test)).rejects.toMatchObject({ code: 'not_found' })
  expect(Object.keys(seenBy('local', false))).toEqual(['list', 'get', 'result'])
})

it('an erasure of the user of the folder removes the results, one of another owner leaves them', async () => {
  const runtime = await openFolder().open()
  await runtime.tests.save(resultOf())
  await runtime.erasures.forget('ann')
  expect((await runtime.tests.list()).items).toHaveLength(1)
  expect((await runtime.erasures.forget('local')).removed).toMatchObject({ 'test results': 1 })
  expect((await runtime.tests.list()).items).toEqual([])
})
