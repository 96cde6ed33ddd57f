import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { createRuntime } from '../../src/runtime.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'

const PIPELINE = `
name: cached
model: lab/one
steps:
  - { id: a, action: generate, parameters: { prompt: "Say it." }, cache: true }
  - { id: b, action: generate, parameters: { prompt: "Say it." } }
  - { id: c, tool: filesystem, action: list, parameters: { path: ".", pattern: "<AUTO>which?</AUTO>" }, cache: { ttl: 60 } }
outputs: { a: "{{ a.result }}" }`

test('a step that wishes it is given the reply of an earlier run of its owner, after a restart too, and the run says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cached-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'antiphon.yaml'), 'models: [{ id: lab/one, cost: { input: 1, output: 1 } }]\n')
  writeFileSync(join(folder, 'cached.yaml'), PIPELINE)
  const config = { ...(await loadConfig({ folder, environment: {} })), embedder: 'none' } as const
  const model = scriptedModel([{ match: /which/, reply: '*.none' }, { reply: 'said' }], 'lab/one')

  async function run(owner?: string) {
    const runtime = await createRuntime(config, { models: { 'lab/one': model } })
    const file = join(folder, 'cached.yaml')
    const { id } = await runtime.startRun({ file, ...(owner !== undefined && { owner }) })
    await runtime.idle()
    const { status, outputs, steps } = await runtime.run(id)
    await runtime.stop()
    expect([status, outputs]).toEqual(['completed', { a: 'said' }])
    return Object.fromEntries(Object.values(steps).map(({ id: step, models }) => [step, models?.[0]?.cached ?? false]))
  }

  // b asks the same, and does not wish it
  expect(await run()).toEqual({ a: false, b: false, c: false })
  expect(model.calls).toHaveLength(3)
  expect(await run()).toEqual({ a: true, b: false, c: true })
  expect(model.calls).toHaveLength(4)
  expect(await run('bob')).toEqual({ a: false, b: false, c: false })
  expect(model.calls).toHaveLength(7)
})
