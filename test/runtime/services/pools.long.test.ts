import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime, type Runtime } from '../../../src/runtime/open/create-runtime.ts'
import { until } from '../../../src/testing/until.ts'

async function folderWith(...lines: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-pools-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  await writeFile(join(folder, 'antiphon.yaml'), ['embedder: none', ...lines].join('\n'))
  return folder
}

const openWith = async (...lines: readonly string[]) => openIn(await folderWith(...lines))

async function openIn(folder: string): Promise<Runtime> {
  const runtime = await createRuntime(await loadConfig({ folder, environment: {} }))
  onTestFinished(() => runtime.stop({ grace: 0 }))
  return runtime
}

it('the pools of a runtime are those that were asked for, each as it is configured', async () => {
  const runtime = await openWith(
    'cores: 2',
    'pool: { queue: 50 }',
    'pools:',
    '  text_action_pool: { min: 2, max: 3 }',
    '  text_step_pool: { workers: 5 }',
    'resources: { offline: { slots: 2 } }',
  )
  const bounds = () => Object.fromEntries(runtime.inspector.pools().items.map(({ id, min, max }) => [id, [min, max]]))
  expect(bounds()).toEqual({ text_step_pool: [5, 5] })
  await runtime.threads.ask({
    prompt: 'What is the moon made of?',
    thread: 't',
    texts: [{ name: 'moon.md', text: 'The moon is made of basalt.' }],
  })
  expect(bounds()).toMatchObject({ text_action_pool: [2, 3], text_yield_pool: [10, 64], text_step_pool: [5, 5] })
  const { items, resources } = runtime.inspector.pools()
  expect(items.find(({ id }) => id === 'text_action_pool')).toMatchObject({
    workers: 2,
    done: 1,
    tokens: { input: expect.any(Number), output: expect.any(Number) },
    cost: 0,
    each: [
      expect.not.objectContaining({ tokens: expect.anything() }),
      { id: 'offline/extractive', kind: 'model', done: 1, breaker: 'closed', tokens: { input: expect.any(Number) } },
    ],
  })
  expect(resources).toEqual([{ id: 'offline', slots: 2, taken: 0, held: 0 }])
})

it.each([
  ['pools: { text_yield_pool: { models: [ollma/x] } }', 'pools.text_yield_pool.models', /ollma/],
  [
    'resources: { offline: { slots: 3 } }\npools: { text_action_pool: { min: 4, max: 8, models: [offline/extractive] } }',
    'pools.text_action_pool',
    /text_action_pool \(4\) takes 4 of offline at least, and there are 3/,
  ],
  [
    'resources: { gpu: { slots: 1, models: { ollama/b: 3 } } }',
    'resources.gpu',
    /b takes 3 of gpu, but there are only 1/,
  ],
  ['resources: { opnai: { slots: 1 } }', 'resources.opnai', /there is no provider opnai/],
  ['resources: { gpu: { slots: 1, models: [llama3] } }', 'resources.gpu', /there is no provider llama3/],
  ['resources: { gpu: { slots: 1, models: { ollma/b: 1 } } }', 'resources.gpu', /there is no provider ollma/],
  ['resources: { api: { slots: 1, tools: [debugg] } }', 'resources.api.tools[0]', /there is no tool debugg/],
  ['resources: { api: { slots: 1, tools: { "debg:*": 1 } } }', 'resources.api.tools.debg:*', /there is no tool debg/],
  [
    'resources: { api: { slots: 1, tools: { debug: 2 } } }',
    'resources.api',
    /debug takes 2 of api, but there are only/,
  ],
  ['resources: { api: { slots: 1, tools: [mcp__wiki__find] } }', 'resources.api.tools[0]', /there is no server `wiki`/],
  ['resources: { api: { slots: 1, tools: [wiki/find] } }', 'resources.api.tools[0]', /there is no server `wiki`/],
  [
    'resources: { api: { slots: 1, tools: [approval-gate] } }',
    'resources.api.tools[0]',
    /approval-gate use no resource/,
  ],
])('work that no pool can do is refused before anything begins: %s', async (line, path, message) => {
  await expect(openWith(line)).rejects.toMatchObject({
    name: 'InvalidError',
    place: { path },
    message: expect.stringMatching(message),
  })
})

it.each([
  'resources: { openai: { slots: 1 }, any: { slots: 9, models: ["*"] }, some: { slots: 9, models: [oll*, anthropic/x] } }',
  'mcpServers: { wiki: { command: wiki } }\nresources: { api: { perMinute: 1, tools: [wiki, mcp__wiki__a, wiki/b, "wiki:c*"] } }',
  'resources: { all: { slots: 9, tools: ["*"] }, some: { slots: 9, tools: { filesystem: 1, "filesystem:w*": 2 } } }',
  'providers: { lab: { type: openai-compatible, baseURL: "http://127.0.0.1:9/v1" } }\nresources: { lab: { slots: 1 } }',
])('the limit of calls is shared, also for providers without a key: %s', async (line) => {
  await expect(openWith(line)).resolves.toMatchObject({ data: expect.any(String) })
})

it('a process counts the starts of the last minute that another process made before it was killed', async () => {
  const folder = await folderWith('resources: { api: { perMinute: 2, tools: [debug] } }')
  const child = await promisify(execFile)(process.execPath, [
    join(import.meta.dirname, 'limited-child.ts'),
    folder,
  ]).catch((error: { readonly stdout: string; readonly signal: string }) => error)
  expect(child).toMatchObject({ stdout: 'completed\n', signal: 'SIGKILL' })
  const { tools, inspector, runs } = await openIn(folder)
  const { id } = await tools.call([{ tool: 'debug', parameters: { message: 'c' } }])
  const { queued } = await until(async () => {
    const [step] = (await inspector.why(id).catch(() => undefined))?.waitsFor ?? []
    const hold = step?.holds.find(({ type }) => type === 'effect')
    return hold?.type === 'effect' && hold.queued && hold
  })
  expect(queued).toMatchObject({ place: 1, resource: expect.stringMatching(/^api: 2 per minute, next in [1-6]?\d s$/) })
  expect(inspector.pools().resources).toMatchObject([{ id: 'api', perMinute: 2, next: expect.any(Number) }])
  await runs.cancel(id, 'seen')
})
