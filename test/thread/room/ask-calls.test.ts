import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { until } from '../../../src/testing/until.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { scriptFor } from '../../chain/fixture.ts'
import { startServer } from '../../web/server.ts'

const PAGE = { title: 'Ferry', url: 'https://ferry.example/', content: 'The ferry leaves at 9:40 from the old pier.' }

/** A folder with a search service and a tool that sends; opened again, it has the same data. */
async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-calls-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const { url, seen } = await startServer((_, response) => response.end(JSON.stringify({ results: [PAGE] })))
  const sent: string[] = []
  const send = defineTool({
    name: 'send',
    description: 'Sends a message',
    input: z.object({ to: z.string() }),
    output: z.string(),
    effect: 'at-most-once',
    execute: async ({ to }) => `sent ${sent.push(to)}`,
  })
  const script = scriptFor({
    action: [
      { only: (prompt) => !prompt.includes('sent 1'), calls: [{ name: 'send', input: { to: 'ann' } }] },
      { reply: 'first answer' },
    ],
    yield: 'at 9:40 <vid>w1</vid>',
  })
  const config = await loadConfig({ folder, environment: {} })
  const search = { backend: 'searxng', url, cost: 0.02 } as const
  const open = async () => {
    const models = { 'scripted/model': scriptedModel(script) }
    const own = [{ id: 'scripted/model', cost: { input: 0, output: 0 } }]
    const given = { ...config, model: 'scripted/model', models: own, embedder: 'none', search }
    const runtime = await createRuntime(given as typeof config, { models, tools: [send] })
    onTestFinished(() => runtime.stop({ grace: 0 }))
    return runtime
  }
  return { open, sent, seen }
}

test('an ask says that its calls wait for a person and for money; its time is paused until both are there', async () => {
  const { open, sent, seen } = await openFolder()
  const first = await open()
  await first.budgets.set('thread/t', 0.01)
  const request = { thread: 't', id: 'ask_1', prompt: 'When does the ferry leave?', tools: ['send'] }
  await first.threads.startAsk(request)
  await until(async () => (await first.inbox.list()).length > 0)
  const [item] = (await first.inbox.list()) as readonly { readonly run: string; readonly signal: string }[]
  expect(item).toMatchObject({ title: 'Call send? to "ann"', signal: 'approve_call_1' })
  expect(JSON.stringify(await first.inspector.why('ask_1'))).toContain(`run/${item!.run}`)
  expect((await first.threads.trace('ask_1')).waits).toMatchObject([item!])
  expect(await first.runs.list()).toEqual([])
  await first.stop({ grace: 0 })
  const runtime = await open()
  await runtime.runs.signal(item!.run, item!.signal, 'approve')
  const waits = async () => (await runtime.threads.trace('ask_1')).waits
  await until(async () => (await waits())[0]?.kind === 'money')
  expect(await waits()).toMatchObject([{ step: 'call_1', signal: 'budget:thread/t' }])
  // the command that approved need not stay
  await runtime.idle()
  const isTimed = async () => {
    const [thread] = await runtime.engine.view.inspect({ kind: 'chain', key: 't' })
    return thread?.mail.some(({ due }) => due !== undefined)
  }
  await until(async () => !(await isTimed()))
  await runtime.budgets.set('thread/t', 1)
  await runtime.idle()
  expect(await runtime.threads.ask(request)).toMatchObject({
    answer: 'at 9:40 <vid>w1</vid>',
    citations: [{ file: PAGE.url }],
    degraded: [],
  })
  expect([sent, seen.length]).toEqual([['ann'], 1])
  // the search and the calls are paid as the ask is
  expect(await runtime.budgets.get('thread/t')).toMatchObject({ spent: 0.02 })
  await runtime.threads.remove('t')
  await expect(runtime.runs.get(item!.run)).rejects.toMatchObject({ code: 'not_found' })
})
