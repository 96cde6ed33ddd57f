import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
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
    const { id } = await runtime.runs.start({ file, ...(owner !== undefined && { owner }) })
    await runtime.idle()
    const { status, outputs, steps } = await runtime.runs.get(id)
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

test('cached replies are counted, listed and dropped: of a model, of an owner, or all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cached-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'antiphon.yaml'), 'models: [{ id: lab/one, cost: { input: 1, output: 1 } }]\n')
  const step = '  - { id: a, action: generate, parameters: { prompt: "Say it." }, cache: true }'
  const file = join(folder, 'kept.yaml')
  writeFileSync(file, `name: kept\nmodel: lab/one\nsteps:\n${step}\n`)
  const config = { ...(await loadConfig({ folder, environment: {} })), embedder: 'none' } as const
  const model = scriptedModel([{ reply: 'said' }], 'lab/one')
  const runtime = await createRuntime(config, { models: { 'lab/one': model } })
  onTestFinished(() => runtime.stop())
  const cached = async (owner: string) => {
    const { id } = await runtime.runs.start({ file, owner })
    await runtime.idle()
    return (await runtime.runs.get(id)).steps.a?.models?.[0]?.cached ?? false
  }
  expect(runtime.status().cache).toBeUndefined()
  expect(runtime.inspector.metrics()).not.toMatch(/^antiphon_cache/m)
  expect([await cached('ann'), await cached('ann'), await cached('bob')]).toEqual([false, true, false])
  expect(runtime.status().cache).toEqual({ memory: 1, redis: 0, disk: 0, shared: 0, made: 2, failed: 0 })
  expect(runtime.inspector.metrics()).toContain('antiphon_cache_hits_total{antiphon_place="memory"} 1\n')
  expect(runtime.inspector.metrics()).toContain('antiphon_cache_misses_total 2\n')
  expect((await runtime.maintenance.cache.report()).places[0]).toMatchObject({ name: 'memory', hits: 1, entries: 2 })
  const { tag, removed } = await runtime.maintenance.cache.drop({ owner: 'ann' })
  expect([tag, removed[0]]).toEqual(['owner/ann', { name: 'memory', entries: 1 }])
  expect([await cached('ann'), await cached('bob')]).toEqual([false, true])
  expect(await runtime.maintenance.cache.drop({ model: 'lab/one' })).toMatchObject({ tag: 'model/lab/one' })
  expect([await cached('ann'), await cached('bob')]).toEqual([false, false])
  await runtime.maintenance.cache.drop({ tag: 'owner/bob' })
  expect([await cached('ann'), await cached('bob')]).toEqual([true, false])
  expect(await runtime.maintenance.cache.drop({ all: true })).not.toHaveProperty('tag')
  expect([await cached('ann'), await cached('bob')]).toEqual([false, false])
  await expect(runtime.maintenance.cache.drop({ tag: '' })).rejects.toMatchObject({ code: 'invalid_input' })
})
