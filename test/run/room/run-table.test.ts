import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { EngineView } from '../../../src/engine/engine.ts'
import { countRuns } from '../../../src/run/room/list/list.ts'
import { RunRows } from '../../../src/run/room/list/run-rows.ts'
import { RunTable } from '../../../src/run/room/list/run-table.ts'
import type { RunsPort } from '../../../src/run/room/port.ts'
import { gate } from '../../../src/testing/gate.ts'
import { until } from '../../../src/testing/index.ts'
import { openFolder } from '../../runtime/inspect/folder.ts'

const QUICK = 'name: quick\nsteps: [{ id: one, tool: debug, parameters: { message: hi } }]'
const NAMED =
  'name: NAME\ninputs: { town: { default: none } }\nsteps: [{ id: one, tool: debug, parameters: { message: hi } }]'
const GATE = 'name: gate\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Send it? } }]'
const BROKEN = 'name: broken\nsteps: [{ id: read, tool: filesystem, action: read, parameters: { path: missing.log } }]'
const ABOVE = `name: above
steps: [{ id: sub, tool: pipeline-executor, parameters: { pipeline: { name: low, steps: [{ id: say, tool: debug, parameters: { message: hi } }] } } }]`

const MANY = 60

type Query = NonNullable<Parameters<RunsPort['list']>[0]>

test('a table of runs answers as the cells do and follows each change', async () => {
  const { folder, open } = openFolder()
  const table = join(folder, '.antiphon', 'runs.db')
  const runtime = await open()
  const read = vi.spyOn(RunRows.prototype, 'pages')
  onTestFinished(() => read.mockRestore())
  const { runs, erasures } = runtime
  const start = async (text: string, more = {}) => (await runs.start({ source: { text }, ...more })).id
  await Promise.all(Array.from({ length: MANY }, () => start(QUICK)))
  const gate = await start(GATE)
  await start(BROKEN)
  await start(ABOVE)
  await start(NAMED.replace('NAME', 'letter'), { inputs: { town: 'Kiel' } })
  await start(NAMED.replace('NAME', 'other'), { inputs: { town: 'Kiel' }, owner: 'anna' })
  await runtime.idle()
  const since = (await runs.list({ name: 'gate' }))[0]!.startedAt
  const code = (await runs.list({ status: 'failed', details: true }))[0]!.details!.problem!.code

  const questions: readonly Query[] = [
    { name: 'low' },
    { name: 'low', top: true },
    { text: 'MISSING.log' },
    { text: 'kiel' },
    { text: 'kiel', owner: 'anna' },
    { text: 'quick', limit: 7 },
    { text: 'nothing like it' },
    { text: 'gate', status: 'waiting' },
    { text: 'gate', status: 'running' },
    { error: code },
    { error: 'none' },
    { cost: 0 },
    { name: 'quick', since, limit: 500 },
    { name: 'quick', until: since, limit: 2000 },
  ]
  const ask = async (query: Query) => (await runs.list(query)).map(({ id, status }) => [id, status])
  const answers = () => Promise.all(questions.map(ask))
  const counts = async () => [
    await runs.counts(),
    await runs.counts({ top: true }),
    await runs.counts({ owner: 'anna' }),
  ]
  const listed = await answers()
  expect(listed.map(({ length }) => length).slice(0, 12)).toEqual([1, 0, 1, 2, 1, 7, 0, 1, 0, 1, 0, 0])
  const before = [listed, await counts()]
  const asked = vi.spyOn(RunTable.prototype, 'read')
  await ask({ text: 'kiel' })
  ;(asked.mock.contexts[0] as RunTable).make()
  asked.mockRestore()
  await until(async () => (await ask({ text: 'kiel' })).length > 0 && read.mock.calls.length > 0)
  expect(existsSync(table)).toBe(true)
  // a page after a page
  const pages: unknown[] = []
  for (let after: string | undefined; ; ) {
    const page = await runs.list({ name: 'quick', limit: 25, ...(after && { after }) })
    pages.push(...page.map(({ id }) => id))
    if (page.length < 25) break
    const { startedAt, id } = page.at(-1)!
    after = Buffer.from(JSON.stringify([startedAt, id])).toString('base64url')
  }
  expect(new Set(pages).size).toBe(MANY)
  expect([await answers(), await counts()]).toEqual(before)

  // each change is seen by the next question
  await runs.cancel(gate, 'no ship today')
  await runtime.idle()
  expect(await ask({ text: 'gate' })).toEqual([[gate, 'cancelled']])
  expect(await runs.counts({ owner: 'anna' })).toMatchObject({ completed: 1 })
  await erasures.forget('anna')
  await until(async () => (await runs.counts({ owner: 'anna' })).completed === 0)
  expect(await ask({ text: 'kiel' })).toHaveLength(1)

  // without the table, lists read the cells
  const write = vi.spyOn(RunRows.prototype, 'write').mockImplementation(() => {
    throw new Error('disk full')
  })
  const said = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => [write, said].forEach((spy) => void spy.mockRestore()))
  const late = await start(NAMED.replace('NAME', 'late'), { inputs: { town: 'Kiel' } })
  await runtime.idle()
  expect(await ask({ text: 'kiel' })).toContainEqual([late, 'completed'])
  await until(() => said.mock.calls.length > 0 && !existsSync(table))
  expect(await ask({ text: 'kiel' })).toHaveLength(2)

  await runtime.stop({ grace: 0 })
  expect(existsSync(table)).toBe(false)
})

test('a table stays until its readers have ended', async () => {
  const { folder, open } = openFolder()
  const runtime = await open()
  const asked = vi.spyOn(RunTable.prototype, 'read')
  await runtime.runs.list({ text: 'kiel' })
  const table = asked.mock.contexts[0] as RunTable
  asked.mockRestore()
  table.make()
  const door = gate()
  const page = until(() =>
    table.read(async (rows) => {
      await door.pass()
      return [...rows.pages({}, undefined, 10)]
    }),
  )
  await door.started
  const closed = table.close()
  await new Promise(setImmediate)
  expect(existsSync(join(folder, '.antiphon', 'runs.db'))).toBe(true)
  door.release()
  expect(await page).toEqual([[]])
  await closed
  expect(existsSync(join(folder, '.antiphon', 'runs.db'))).toBe(false)
})

test('a question that looks at more than a thousand runs has the table made', async () => {
  const list = (count: number) => async () =>
    Array.from({ length: count }, (_, n) => ({ key: `run_${n}`, index: { status: 'completed', startedAt: n } }))
  const made = async (count: number) => {
    const make = vi.fn()
    const view = { list: list(count) } as unknown as EngineView
    const table = { read: async () => undefined, make } as unknown as RunTable
    const rest = { isWaiting: async () => false }
    await countRuns({ view, rest, table } as unknown as Parameters<typeof countRuns>[0], {})
    return make.mock.calls.length > 0
  }
  // each of the four statuses has so many
  expect([await made(200), await made(300)]).toEqual([false, true])
})

test('a run that ends while runs are counted counts once, as it ended, and so does one that moves to another page', async () => {
  const runs = Array.from({ length: 6_000 }, (_, n) => ({ key: `r${n}`, startedAt: 10_000 - n }))
  const list: EngineView['list'] = async (kind, { where, after, limit = 0 } = {}) => {
    if (kind !== 'run') return []
    const status = String(where!.status)
    // most are cancelled between two lists
    const listed = status === 'running' ? runs : status === 'cancelled' ? runs.slice(2_000) : []
    // the last run of a page has moved to the next one
    const from = after === undefined ? 0 : listed.findIndex(({ key }) => key === after)
    return listed
      .slice(from, from + limit)
      .map(({ key, startedAt }) => ({ key, index: { name: 'order', status, startedAt } }))
  }
  const table = { read: async () => undefined, make: () => {} } as unknown as RunTable
  const reading = { view: { list }, rest: { isWaiting: async () => false }, table }
  const counts = await countRuns(reading as unknown as Parameters<typeof countRuns>[0], {})
  expect(counts).toEqual({ running: 2_000, waiting: 0, cancelled: 4_000, completed: 0, failed: 0 })
})
