import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { callsMessage } from '../../../src/calls/room/open-port.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { createApp } from '../../../src/http/server/app.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import type { Actor } from '../../../src/kernel/types.ts'
import { createRuntime, type InternalParts, type Runtime } from '../../../src/runtime/open/create-runtime.ts'
import { isKilled } from '../../chaos/killed.ts'
import { readPrometheus } from '../../observe/prometheus.ts'
import { openOnce } from './once.ts'

/** A folder with tools that count their calls, and its runtime, opened as often as is asked. */
function openTools(pool = { workers: 4, queue: 200 }) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-actions-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const file = join(folder, 'log.txt')
  writeFileSync(file, '')
  return {
    folder,
    file,
    lines: () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    async open(parts: InternalParts = {}) {
      const config = await loadConfig({ folder, environment: {} })
      const plugins = [join(import.meta.dirname, 'flaky.ts')]
      const telemetry = { metrics: true }
      const runtime = await createRuntime({ ...config, plugins, pool, telemetry, embedder: 'none' }, parts)
      onTestFinished(() => runtime.stop({ grace: 0 }))
      return runtime
    },
  }
}

type Attempt = { readonly type: string; readonly step?: string; readonly attempts?: number; readonly status?: string }

/** The events of a run, and those that only its followers see. */
async function attemptsOf(runtime: Runtime, id: string, live: readonly Json[]): Promise<readonly Attempt[]> {
  const durable: Attempt[] = []
  for await (const { body } of runtime.runs.events(id)) durable.push(body as Attempt)
  const retries = (live as readonly unknown[] as readonly Attempt[]).filter(({ type }) => type === 'step-retry')
  return [...retries, ...durable.filter(({ type, step }) => type === 'step-end' && step === 'call_1')]
}

/** An actor that starts a run of calls and writes down each reply. */
const caller: Actor<readonly Json[], { readonly run?: string; readonly calls?: Json }> = {
  kind: 'caller',
  message: z.looseObject({}) as never,
  initial: () => [],
  receive(state, { run, calls, ...reply }, { self }) {
    if (calls === undefined) return { state: [...state, reply as Json] }
    return { send: [{ to: { kind: 'run', key: run! }, body: calls, replyTo: self, correlationId: run! }], reply: true }
  },
}

test('a call that fails twice and then succeeds has three attempts, one result and one end (A27)', async () => {
  const { file, lines, open } = openTools()
  const runtime = await open({ actors: [caller] })
  const stop = new AbortController()
  const live: Json[] = []
  const followed = (async () => {
    for await (const delta of runtime.inspector.deltas('a27', stop.signal)) live.push(delta)
  })()
  const calls = callsMessage([{ tool: 'third', parameters: { file } }], {}, 'none') as unknown as Json
  await runtime.engine.ask({ kind: 'caller', key: 'one' }, { run: 'a27', calls })
  for await (const _ of runtime.runs.events('a27'));
  expect(await runtime.runs.get('a27')).toMatchObject({ status: 'completed', outputs: { call_1: 'there' } })
  expect((await runtime.runs.get('a27')).steps.call_1).toMatchObject({ retries: 2 })
  const times = lines().map((line) => Number(line.split(' ')[1]))
  expect(times.length).toBe(3)
  // the first pauses are 200 and 400 ms, a quarter more or less
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(140)
  expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(290)
  const types: string[] = []
  for await (const { body } of runtime.runs.events('a27')) types.push((body as { readonly type: string }).type)
  expect(types.filter((type) => type === 'step-end' || type === 'run-end')).toEqual(['step-end', 'run-end'])
  // one event for each attempt
  expect(await attemptsOf(runtime, 'a27', live)).toMatchObject([
    { type: 'step-retry', attempts: 1 },
    { type: 'step-retry', attempts: 2 },
    { type: 'step-end', attempts: 3, status: 'completed' },
  ])
  // one message to the caller
  const heard = () => runtime.engine.view.peek({ kind: 'caller', key: 'one' })
  await expect.poll(heard).toMatchObject([{ type: 'run-end', status: 'completed' }])
  // and one call that was counted
  const { samples } = readPrometheus(await (await createApp(runtime).request('/v1/metrics')).text())
  const countOf = (name: string, status?: string) =>
    samples
      .filter((one) => one.name === name && (status === undefined || one.labels.antiphon_status === status))
      .reduce((sum, { value }) => sum + value, 0)
  expect(countOf('antiphon_step_duration_seconds_count', 'completed')).toBe(1)
  expect(countOf('antiphon_step_duration_seconds_count', 'failed')).toBe(0)
  expect(countOf('antiphon_run_duration_seconds_count')).toBe(1)
  expect(countOf('antiphon_effect_failures_total')).toBe(2)
  stop.abort()
  await followed
})

test('a call that must not be repeated is not repeated after kill -9: its outcome is unknown, once (A28)', async () => {
  const { folder, file, lines } = openTools()
  expect(await isKilled(join(import.meta.dirname, 'once-child.ts'), { folder, file }, 30_000)).toBe(true)
  const labels = () => lines().map((line) => line.split(' ')[0])
  expect(labels().toSorted()).toEqual(['goal', 'run'])
  // what to do about it is decided in the first process after the kill, and not again in the second
  for (let process = 1; process <= 2; process++) {
    const { runtime } = await openOnce(folder, file)
    onTestFinished(() => runtime.stop({ grace: 0 }))
    await runtime.runs.resume('run')
    // resumed again, a goal that waits would go on
    if (process === 1) await runtime.goals.resume('goal')
    await runtime.idle()
    expect((await runtime.runs.get('run')).steps.call_1).toMatchObject({ status: 'waiting' })
    expect(await runtime.goals.get('goal')).toMatchObject({ status: 'waiting' })
    // nobody promises their order: both became known at once
    const unknown = (await runtime.inbox.list()).map((item) =>
      item.kind === 'unknown' ? `${item.run} ${item.step}` : item,
    )
    expect(unknown.sort()).toEqual(['goal.1 call_1', 'run call_1'])
    expect(labels()).toHaveLength(2)
    if (process === 2) {
      await runtime.runs.settle('run', 'call_1', { outcome: 'done' })
      await runtime.idle()
      expect((await runtime.runs.get('run')).steps.call_1).toMatchObject({ status: 'completed' })
      expect(labels()).toHaveLength(2)
    }
    await runtime.stop({ grace: 0 })
  }
})

test('a runtime that stops keeps to its deadline; each task that was left is done once afterwards (A30)', async () => {
  const { file, lines, open } = openTools({ workers: 2, queue: 200 })
  const runtime = await open()
  const labels = Array.from({ length: 100 }, (_, index) => `n${index}`)
  const calls = labels.map((label) => ({ tool: 'note', parameters: { file, label } }))
  const { id } = await runtime.tools.call(calls)
  const writes = Array.from({ length: 50 }, (_, index) => runtime.environments.update('shop', { [`k${index}`]: index }))
  await Promise.all(writes)
  const began = performance.now()
  await runtime.stop({ grace: 500 })
  expect(performance.now() - began).toBeLessThan(1500)
  expect(lines()).toEqual([])
  writeFileSync(`${file}.go`, '')
  const next = await open()
  expect(await next.environments.get('shop')).toMatchObject({ version: 50 })
  await next.runs.resume(id)
  await next.idle()
  expect((await next.runs.get(id)).status).toBe('completed')
  expect(lines().toSorted()).toEqual(labels.toSorted())
})
