import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { TerminalError } from '../../src/errors.ts'
import { createRuntime } from '../../src/runtime/open/create-runtime.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'

const MODELS = `
models:
  - { id: lab/dear, cost: { input: 3, output: 15 } }
  - { id: lab/free, paid: false }
fallbackModels: [lab/dear, lab/free]
model: lab/broken
`
const broken = { error: new TerminalError('it is broken', { code: 'model_rejected' }) }

/** A runtime whose default model is broken, with one that costs money and one that does not. */
async function open(settings: string) {
  const folder = mkdtempSync(join(tmpdir(), 'fallback-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'antiphon.yaml'), settings)
  const config = { ...(await loadConfig({ folder, environment: {} })), embedder: 'none' } as const
  const [dear, free] = [scriptedModel([{ reply: 'dear' }], 'lab/dear'), scriptedModel([{ reply: 'free' }], 'lab/free')]
  const models = { 'lab/broken': scriptedModel([broken], 'lab/broken'), 'lab/dear': dear, 'lab/free': free }
  const runtime = await createRuntime(config, { models })
  onTestFinished(() => runtime.stop())
  return { runtime, dear, free }
}

async function run({ runtime }: Awaited<ReturnType<typeof open>>, step: string) {
  const text = `name: p\nsteps: [{ id: a, action: generate, parameters: { prompt: Go${step} } }]\n`
  const { id } = await runtime.runs.start({ source: { text } })
  await runtime.idle()
  return runtime.runs.get(id)
}

test('a step that names no model is done by who may stand in, never by who costs money unsaid, and the run says so', async () => {
  const opened = await open(MODELS)
  const { status, degraded, steps } = await run(opened, '')
  expect({ status, degraded }).toEqual({ status: 'completed', degraded: true })
  expect(Object.values(steps)[0]!.models).toMatchObject([
    { model: 'lab/free', instead_of: [{ model: 'the default model', code: 'model_rejected' }] },
  ])
  expect(opened.dear.calls).toEqual([])
})

test('one that costs money stands in where that is allowed; for a model that a step names nobody does', async () => {
  const opened = await open(`${MODELS}paidModels: true\n`)
  expect(Object.values((await run(opened, '')).steps)[0]!.models).toMatchObject([{ model: 'lab/dear' }])
  expect(await run(opened, ', model: lab/broken')).toMatchObject({ status: 'failed' })
  expect([opened.dear.calls.length, opened.free.calls.length]).toEqual([1, 0])
})

test('so it is with a question', async () => {
  const opened = await open(MODELS)
  const answer = await opened.runtime.threads.ask({ thread: 't', prompt: 'Why?' })
  expect(answer.answer).toBe('free')
  expect(opened.dear.calls).toEqual([])
})
