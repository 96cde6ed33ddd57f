import { afterAll, expect, test } from 'vitest'
import { bubblewrap } from '../../src/sandbox/bubblewrap.ts'
import { until } from '../../src/testing/until.ts'
import { processesWith } from '../../trials/sandbox/processes-with.ts'
import { runHere } from '../cli/here.ts'
import { REAL } from '../cli/programs.ts'
import { leftBy } from '../sandbox/left.ts'
import { isRunning } from '../tool/mcp/bench.ts'
import { live, RUN, secondsOf } from './calls/life.ts'
import {
  beginsIn,
  childrenOf,
  comesAlways,
  killIn,
  killsOf,
  killWhen,
  notesIn,
  openFolders,
  postsIn,
  processesOf,
} from './calls/story.ts'
import type { Kill } from './flush/database.ts'

const gap = await bubblewrap.check()
const folders = openFolders()
afterAll(folders.close)

/** A command of a person, in a folder. */
const command = (folder: string, ...args: readonly string[]) =>
  runHere(REAL, args, { folder, environment: { PATH: process.env.PATH }, handed: async () => '' })

/** A kill that every life comes to has killed. */
function expectKilled(kill: Kill, killed: boolean): void {
  if (comesAlways(kill)) expect(killed, JSON.stringify(kill)).toBe(true)
}

/** The one call was made, or its outcome is unknown; it was never made twice. */
function expectOnce(document: Awaited<ReturnType<typeof live>>, folder: string): void {
  const made = postsIn(folder)
  expect(made.length).toBeLessThanOrEqual(1)
  if (document.status === 'failed')
    expect(document).toMatchObject({ error_code: 'settled_failed', failed_step: 'once' })
  else expect(document).toMatchObject({ status: 'completed', outputs: { once: { v: 'sent' } } })
  if (document.status === 'completed') expect(made).toHaveLength(1)
}

test('a call that waits is killed at its flushes, approved by `antiphon signal`, and made once', async () => {
  const kills = await killsOf(folders.make(), 'wait')
  expect(kills.length).toBeGreaterThan(0)
  for (const kill of kills) {
    const folder = folders.make()
    expectKilled(kill, await killIn(folder, 'wait', kill))
    // with the same id it is the same call, whether the killed process kept it or not
    await live({ folder, act: 'wait' })
    expect(JSON.parse((await command(folder, 'inbox', '--json')).out)).toMatchObject([{ signal: 'approve_once' }])
    expect(postsIn(folder)).toEqual([])
    expect(await command(folder, 'signal', RUN, 'approve_once', 'approve')).toMatchObject({ code: 0 })
    expect(await command(folder, 'resume', RUN)).toMatchObject({ code: 0 })
    expect(postsIn(folder)).toHaveLength(1)
  }
})

test.each([
  ['signal', 'answer'],
  ['link', 'press'],
] as const)('a process is killed at the flushes of an approval by %s, and the call is made once', async (_, act) => {
  const waiting = folders.make()
  await live({ folder: waiting, act: 'wait' })
  await live({ folder: waiting, act: 'link' })
  const kills = await killsOf(folders.make(waiting), act, '"result":{"v":"sent"}')
  expect(kills.length).toBeGreaterThan(1)
  const ends = new Set<string>()
  for (const kill of kills) {
    const folder = folders.make(waiting)
    expectKilled(kill, await killIn(folder, act, kill))
    const document = await live({ folder, act })
    expectOnce(document, folder)
    ends.add(document.status)
  }
  expect([...ends].sort()).toEqual(['completed', 'failed'])
})

test.skipIf(gap !== undefined)(
  `calls of all effect classes are killed at their flushes: one key each, at-most-once never again, and nothing is left${gap ? ` (skipped: ${gap.reason})` : ''}`,
  async () => {
    const kills = await killsOf(folders.make(), 'classes', '[{"v":"kept"}', '[{"v":"once"}')
    expect(kills.length).toBeGreaterThan(1)
    const [ends, left] = [new Set<string>(), [] as (readonly string[])[]]
    let repeated = 0
    for (const kill of [...kills, 'in the sandbox' as const]) {
      const folder = folders.make()
      const sleeping = () => processesWith(`sleep\0${secondsOf(folder)}`).length > 0
      if (kill === 'in the sandbox') {
        await killWhen(folder, 'classes', sleeping)
        expect(childrenOf(folder).flatMap(leftBy)).not.toEqual([])
      } else expectKilled(kill, await killIn(folder, 'classes', kill))
      await until(() => !sleeping())
      const { steps, outputs } = await live({ folder, act: 'classes' })
      const begins = beginsIn(folder)
      for (const word of ['pure', 'undoable', 'kept']) {
        expect(Object.keys(begins[word]!)).toEqual([steps[word]!.idempotency_key])
        expect(outputs[word]).toEqual({ v: word })
        repeated += begins[word]![steps[word]!.idempotency_key!]! - 1
      }
      expect(Object.values(begins.once ?? {}).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(1)
      if (steps.once!.status === 'failed') expect(steps.once).toMatchObject({ error_code: 'settled_failed' })
      else
        expect({ once: outputs.once, begins: begins.once }).toEqual({
          once: { v: 'once' },
          begins: { [steps.once!.idempotency_key!]: 1 },
        })
      ends.add(steps.once!.status)
      expect(steps.fails).toMatchObject({ status: 'failed', error_code: 'tool_error' })
      expect(outputs.foreign).toMatchObject({ value: 'done', sandbox: 'bubblewrap' })
      left.push(childrenOf(folder).flatMap(leftBy))
    }
    expect([...ends].sort()).toEqual(['completed', 'failed'])
    expect(repeated).toBeGreaterThan(0)
    expect(left.flat()).toEqual([])
  },
  300_000,
)

test('calls of MCP servers are killed at their flushes: one key each, at-most-once never again, and no process is left', async () => {
  const calm = folders.make()
  const kills = await killsOf(calm, 'mcp', '"text":"noted kept"')
  expect(notesIn(calm)).toMatchObject({ once: [expect.any(String)], kept: [expect.any(String)] })
  expect(kills.length).toBeGreaterThan(1)
  let repeated = 0
  let started = 0
  for (const kill of kills) {
    const folder = folders.make()
    expectKilled(kill, await killIn(folder, 'mcp', kill))
    started += processesOf(folder).length
    await until(() => processesOf(folder).filter(isRunning).length === 0)
    const { steps, outputs } = await live({ folder, act: 'mcp' })
    const { once, kept } = notesIn(folder)
    expect(once!.length).toBeLessThanOrEqual(1)
    if (steps.once!.status === 'failed') expect(steps.once).toMatchObject({ error_code: 'settled_failed' })
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
}, 300_000)

test('a task of a server is killed at its flushes, and its call is made once', async () => {
  const kills = await killsOf(folders.make(), 'task')
  expect(kills.length).toBeGreaterThan(1)
  const ends = new Set<string>()
  for (const kill of kills) {
    const folder = folders.make()
    expectKilled(kill, await killIn(folder, 'task', kill))
    await until(() => processesOf(folder).filter(isRunning).length === 0)
    const { steps, outputs, status } = await live({ folder, act: 'task' })
    const { job } = notesIn(folder)
    expect(job!.length).toBeLessThanOrEqual(1)
    if (status === 'failed') expect(steps.job).toMatchObject({ error_code: 'settled_failed' })
    else expect({ job, said: outputs.job }).toMatchObject({ job: [steps.job!.idempotency_key], said: { text: 'done' } })
    ends.add(status)
  }
  expect(ends).toContain('completed')
})
