import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { until } from '../../src/testing/index.ts'

const GATE = 'name: gate\nsteps: [{ id: ok, tool: approval-gate, parameters: { title: Send it? } }]'
const BUSY = `name: busy
steps:
  - { id: ok, tool: approval-gate, parameters: { title: Send it? } }
  - { id: works, tool: terminal, action: execute, parameters: { command: "sleep 30" } }`
const ABOVE = `name: above
steps:
  - id: sub
    tool: pipeline-executor
    parameters: { pipeline: { name: low, steps: [{ id: ok, tool: approval-gate, parameters: { title: And this? } }] } }`
test('a run that only waits has the status waiting, in lists and by itself, until it goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-waiting-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const runtime = await createRuntime({ ...(await loadConfig({ folder, environment: {} })), embedder: 'none' })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  const start = async (text: string) => (await runtime.runs.start({ source: { text } })).id
  const statusOf = async (id: string) => (await runtime.runs.get(id)).status
  const listed = async (status?: string) =>
    Object.fromEntries(
      (await runtime.runs.list(status === undefined ? {} : { status })).map((run) => [run.name, run.status]),
    )

  const gate = await start(GATE)
  const above = await start(ABOVE)
  const busy = await start(BUSY)
  await until(async () => (await runtime.inbox.list({})).length === 3)
  await until(async () => (await runtime.runs.get(busy)).steps.works?.status === 'running')
  await until(async () => (await statusOf(above)) === 'waiting')
  expect([await statusOf(gate), await statusOf(busy)]).toEqual(['waiting', 'running'])
  expect(await listed()).toEqual({ gate: 'waiting', above: 'waiting', low: 'waiting', busy: 'running' })
  expect(await listed('waiting')).toEqual({ gate: 'waiting', above: 'waiting', low: 'waiting' })
  expect(await listed('running')).toEqual({ busy: 'running' })
  expect(await runtime.runs.list({ status: 'waiting', limit: 1 })).toMatchObject([{ name: 'low', status: 'waiting' }])

  await runtime.runs.signal(gate, 'ok', { action: 'approve' })
  await until(async () => (await statusOf(gate)) === 'completed')
  expect(await listed()).toEqual({ gate: 'completed', above: 'waiting', low: 'waiting', busy: 'running' })
  await runtime.runs.cancel(busy, 'enough')
})
