import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isKilled } from '../../../chaos/killed.ts'
import { describeOnRestate, useRestate } from '../../../engine/restate/server.ts'
import { openShaky } from './program.ts'

const CHILD = join(import.meta.dirname, 'child.ts')

/** The attempts of the steps of a run, two of which `kill -9` cut off. */
async function attemptsAfterKills(more: { readonly admin?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-attempts-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  expect(await isKilled(CHILD, { folder, ...more }, 60_000)).toBe(true)
  expect(await isKilled(CHILD, { folder, ...more }, 60_000)).toBe(true)
  expect(await isKilled(CHILD, { folder, ...more }, 60_000)).toBe(false)
  const runtime = await openShaky({ folder, ...more })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const [counted, plain] = await runtime.runs.steps('r')
  for (const { id, attempts } of [counted!, plain!]) {
    expect((await runtime.runs.step('r', id)).attempts).toEqual(attempts)
    const begins = attempts.flatMap(({ started_at }) => (started_at === null ? [] : [Date.parse(started_at)]))
    expect(begins).toEqual(begins.toSorted((one, other) => one - other))
  }
  return { counted: counted!.attempts, plain: plain!.attempts }
}

test('an attempt that `kill -9` cuts off is among the attempts, counted or not', async () => {
  const { counted, plain } = await attemptsAfterKills()
  const began = expect.any(String)
  expect(counted).toMatchObject([
    { attempt: 1, started_at: began, ms: expect.any(Number), message: 'the server said 500', until: began },
    { attempt: 2, started_at: began, ms: null, code: 'cut_off', message: 'its process ended during attempt 2' },
    { attempt: 3, started_at: began, ms: expect.any(Number), code: null, message: null },
  ])
  expect(plain).toMatchObject([
    { attempt: 1, started_at: null, ms: null, code: 'cut_off' },
    { attempt: 1, started_at: began, ms: expect.any(Number), code: null },
  ])
})

describeOnRestate('on a Restate server', () => {
  const server = useRestate()

  test('attempts that a kill cut off are among the attempts, with the time when the server got their begin', async () => {
    const { counted, plain } = await attemptsAfterKills({ admin: server.now().admin })
    const began = expect.any(String)
    const cutOff = { code: 'cut_off', message: 'its process ended or was cut off during this attempt' }
    expect(counted).toMatchObject([
      { attempt: 1, started_at: began, ms: expect.any(Number), message: 'the server said 500' },
      { attempt: 2, started_at: began, ms: null, ...cutOff },
      { attempt: 2, started_at: began, code: null },
    ])
    expect(plain).toMatchObject([
      { attempt: 1, started_at: began, ms: null, ...cutOff },
      { attempt: 1, started_at: began, code: null },
    ])
  })
})
