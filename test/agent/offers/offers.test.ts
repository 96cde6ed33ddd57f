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
  const notices: string[] = []
  const notice = (line: string) => notices.push(line)
  const runtime = await createRuntime({ ...config, embedder: 'none' }, { models: { 'lab/one': model }, notice })
  onTestFinished(() => runtime.stop({ grace: 0 }))
  return { runtime, model, notices, definition: { ...CLERK, tools }, toolbox: await loadToolbox(config), folder }
}

test('too many tools are found by the check, and before anything is asked', async () => {
  const message = 'There are 129 tools for one model call; at most 128 are allowed.'
  const { runtime, model, definition, toolbox } = await open(['many'])
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

test('a tool of a plugin whose parameters are a text is left out, with a warning of the check and a notice', async () => {
  const { runtime, model, definition, toolbox, notices } = await open(['shout', 'draw'])
  const lack = 'the tool `shout` is not offered to models: its parameters are "string" and not an object'
  expect(checkToolOffers(definition, toolbox, 'agents/clerk.md')).toContainEqual(
    expect.objectContaining({ severity: 'warning', message: lack }),
  )
  const { id } = await runtime.goals.start({ agent: definition, goal: 'Go.' })
  await runtime.idle()
  expect(await runtime.goals.get(id)).toMatchObject({ status: 'completed', answer: 'done' })
  const names = model.calls[0]!.options.tools?.map(({ name }) => name)
  expect(names).toContain('draw')
  expect(names).not.toContain('shout')
  expect(notices).toContain(lack)
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
