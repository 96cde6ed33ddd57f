import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkToolOffers } from '../../../src/agent/context/check-offers.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { createRuntime } from '../../../src/runtime/open/create-runtime.ts'
import { loadToolbox } from '../../../src/runtime/services/toolbox.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'
import { CLERK } from '../goal/folder.ts'

const PLUGIN = join(import.meta.dirname, 'plugin.ts')

async function open(tools: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'antiphon-offers-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const config = {
    ...(await loadConfig({ folder, environment: {} })),
    plugins: [PLUGIN],
    model: 'lab/one',
    models: [{ id: 'lab/one', cost: { input: 1, output: 1 } }],
  }
  const model = scriptedModel([{ reply: 'done' }], 'lab/one')
  const runtime = await createRuntime({ ...config, embedder: 'none' }, { models: { 'lab/one': model } })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  return { runtime, model, definition: { ...CLERK, tools }, toolbox: await loadToolbox(config), folder }
}

test.each<[string, readonly string[], string]>([
  ['too many tools', ['many'], 'There are 129 tools for one model call; at most 128 are allowed.'],
  [
    'a tool whose parameters are a text',
    ['shout'],
    'The tool shout cannot be offered to a model: its parameters are "string" and not an object',
  ],
])('%s are found by the check, and before anything is asked', async (_, tools, message) => {
  const { runtime, model, definition, toolbox } = await open(tools)
  expect(checkToolOffers(definition, toolbox, 'agents/clerk.md')).toMatchObject([
    { severity: 'error', message, file: 'agents/clerk.md' },
  ])
  const { id } = await runtime.goals.start({ agent: definition, goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({
    ...{ status: 'failed', problem: { message, terminal: true } },
    rounds: [],
  })
  expect(model.calls).toEqual([])
})

test('a choice of parameters is offered as all of them, with a warning of the check', async () => {
  const { runtime, model, definition, toolbox } = await open(['draw'])
  expect(checkToolOffers(definition, toolbox, 'agents/clerk.md')).toMatchObject([
    {
      severity: 'warning',
      message: expect.stringMatching(/the tool `draw` has parts that providers refuse.*: anyOf at its top$/),
    },
  ])
  await runtime.goals.start({ agent: definition, goal: 'Go.' })
  await runtime.idle()
  expect(model.calls[0]!.options.tools?.find(({ name }) => name === 'draw')).toMatchObject({
    inputSchema: { type: 'object', properties: { radius: { type: 'number' }, side: { type: 'number' } } },
  })
})

test('a pipeline with a step that offers such tools is not valid', async () => {
  const { runtime, folder } = await open([])
  const findings = async (tools: string) => {
    const step = `{ id: a, action: generate, tools: [${tools}], parameters: { prompt: x } }`
    writeFileSync(join(folder, 'p.yaml'), `id: p\nname: p\nsteps:\n  - ${step}\n`)
    return (await runtime.pipelines.validate(join(folder, 'p.yaml'))).findings.map(({ message }) => message)
  }
  expect(await findings('draw')).toEqual([])
  expect(await findings('many')).toEqual(['128 tools for one model, at most 127 are allowed'])
  expect(await findings('shout')).toEqual([expect.stringMatching(/^`shout` cannot be offered to a model: /)])
})
