import { afterAll, expect, test } from 'vitest'
import { until } from '../../src/testing/until.ts'
import { runHere } from '../cli/here.ts'
import { REAL } from '../cli/programs.ts'
import { isRunning } from '../tool/mcp/bench.ts'
import { live, RUN } from './calls/life.ts'
import { killIn, killsOf, notesIn, openFolders, postsIn, processesOf } from './calls/story.ts'

const folders = openFolders()
afterAll(folders.close)

/** A command of a person, in a folder. */
const command = (folder: string, ...args: readonly string[]) =>
  runHere(REAL, args, { folder, environment: { PATH: process.env.PATH }, handed: async () => '' })

/** The one call was made, or its outcome is unknown; it was never made twice. */
function expectOnce(document: Awaited<ReturnType<typeof live>>, folder: string): void {
  const made = postsIn(folder)
  expect(made.length).toBeLessThanOrEqual(1)
  if (document.status === 'failed') expect(document).toMatchObject({ error_code: 'unknown', failed_step: 'once' })
  else expect(document).toMatchObject({ status: 'completed', outputs: { once: { v: 'sent' } } })
  if (document.status === 'completed') expect(made).toHaveLength(1)
}

test('a call that waits is killed at every flush, approved by `antiphon signal`, and made once', async () => {
  const kills = await killsOf(folders.make(), 'wait')
  expect(kills.length).toBeGreaterThan(2)
  for (const kill of kills) {
    const folder = folders.make()
    expect(await killIn(folder, 'wait', kill)).toBe(true)
    // with the same id it is the same call, whether the killed process kept it or not
    await live({ folder, act: 'wait' })
    expect(JSON.parse((await command(folder, 'inbox', '--json')).out)).toMatchObject([{ signal: 'approve_once' }])
    expect(postsIn(folder)).toEqual([])
    expect(await command(folder, 'signal', RUN, 'approve_once', 'approve')).toMatchObject({ code: 0 })
    expect(await command(folder, 'resume', RUN)).toMatchObject({ code: 0 })
    expect(postsIn(folder)).toHaveLength(1)
  }
}, 120_000)

test.each([
  ['signal', 'answer'],
  ['link', 'press'],
] as const)(
  'a process is killed at every flush of an approval by %s, and the call is made once',
  async (_, act) => {
    const waiting = folders.make()
    await live({ folder: waiting, act: 'wait' })
    await live({ folder: waiting, act: 'link' })
    const kills = await killsOf(folders.make(waiting), act)
    expect(kills.length).toBeGreaterThan(4)
    const ends = new Set<string>()
    for (const kill of kills) {
      const folder = folders.make(waiting)
      expect(await killIn(folder, act, kill)).toBe(true)
      const document = await live({ folder, act })
      expectOnce(document, folder)
      ends.add(document.status)
    }
    expect([...ends].sort()).toEqual(['completed', 'failed'])
  },
  60_000,
)

test('calls of MCP servers are killed at every flush: one key each, at-most-once never again, and no process is left', async () => {
  const calm = folders.make()
  const kills = await killsOf(calm, 'mcp')
  expect(notesIn(calm)).toMatchObject({ once: [expect.any(String)], kept: [expect.any(String)] })
  expect(kills.length).toBeGreaterThan(4)
  let repeated = 0
  let started = 0
  for (const kill of kills) {
    const folder = folders.make()
    expect(await killIn(folder, 'mcp', kill)).toBe(true)
    started += processesOf(folder).length
    await until(() => processesOf(folder).filter(isRunning).length === 0)
    const { steps, outputs } = await live({ folder, act: 'mcp' })
    const { once, kept } = notesIn(folder)
    expect(once!.length).toBeLessThanOrEqual(1)
    if (steps.once!.status === 'failed') expect(steps.once).toMatchObject({ error_code: 'unknown' })
    else
      expect({ once, said: outputs.once }).toMatchObject({
        once: [steps.once!.idempotency_key],
        said: { text: 'noted once' },
      })
    expect(new Set(kept)).toEqual(new Set([steps.kept!.idempotency_key]))
    expect(outputs.kept).toMatchObject({ text: 'noted kept' })
    expect(steps.fails).toMatchObject({ status: 'failed', error_code: 'tool_failed' })
    repeated += kept!.length - 1
  }
  expect(repeated).toBeGreaterThan(0)
  expect(started).toBeGreaterThan(0)
}, 180_000)
