import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime } from '../../../src/runtime.ts'

/** A folder with tools that count their calls, and its runtime, opened as often as is asked. */
function openTools(pool = { workers: 4, queue: 200 }) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-actions-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const file = join(folder, 'log.txt')
  writeFileSync(file, '')
  return {
    file,
    lines: () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    async open() {
      const config = await loadConfig({ folder, environment: {} })
      const plugins = [join(import.meta.dirname, 'flaky.ts')]
      const runtime = await createRuntime({ ...config, plugins, pool, embedder: 'none' })
      onTestFinished(() => runtime.stop({ grace: 0 }))
      return runtime
    },
  }
}

test('a call that fails twice and then succeeds has three attempts, one result and one end (A27)', async () => {
  const { file, lines, open } = openTools()
  const runtime = await open()
  const { id } = await runtime.tools.call([{ tool: 'third', parameters: { file } }])
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({ status: 'completed', outputs: { call_1: 'there' } })
  expect((await runtime.runs.get(id)).steps.call_1).toMatchObject({ retries: 2 })
  const times = lines().map((line) => Number(line.split(' ')[1]))
  expect(times.length).toBe(3)
  // the first pauses are 200 and 400 ms, a quarter more or less
  expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(140)
  expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(290)
  const types: string[] = []
  for await (const { body } of runtime.runs.events(id)) types.push((body as { readonly type: string }).type)
  expect(types.filter((type) => type === 'step-end' || type === 'run-end')).toEqual(['step-end', 'run-end'])
})

test('a call that must not be repeated is not repeated after its process has gone: its outcome is unknown (A28)', async () => {
  const { file, lines, open } = openTools()
  const runtime = await open()
  const { id } = await runtime.tools.call([{ tool: 'once', parameters: { file } }], { onFailure: 'continue' })
  await expect.poll(lines).toHaveLength(1)
  await runtime.stop({ grace: 0 })
  const next = await open()
  await next.runs.resume(id)
  await next.idle()
  expect((await next.runs.get(id)).steps.call_1).toMatchObject({ status: 'failed', error_code: 'unknown' })
  expect(lines()).toHaveLength(1)
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
