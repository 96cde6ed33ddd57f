import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../src/engine/engine.ts'
import { inlineEngine } from '../../src/engine/inline/engine.ts'
import { environmentActor } from '../../src/environment/actor.ts'
import { environmentsForTools } from '../../src/environment/room/for-tools.ts'
import { createEnvironments } from '../../src/environment/room/open-port.ts'
import { TerminalError } from '../../src/errors.ts'
import type { Json } from '../../src/kernel/schema.ts'
import { createModels } from '../../src/model/registry.ts'
import type { ModelReply, ModelRequest } from '../../src/model/request/request.ts'
import { compileFile } from '../../src/pipeline/language/compile-file.ts'
import type { Inputs } from '../../src/pipeline/plan/inputs.ts'
import { ourTools } from '../../src/runtime/services/toolbox.ts'
import { defineTool } from '../../src/tool/tool.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { services } from '../tool/services.ts'
import { NAMELESS } from '../worker/pools.ts'
import type { Case } from './cases/case.ts'
import { DIAGNOSTICS_AT_WORK } from './cases/diagnostics.ts'
import { KEYS } from './cases/keys.ts'
import { ACTIONS, TOOLS } from './cases/tools.ts'
import { readRun } from './read-run.ts'
import { openWorkshop, tool } from './workshop.ts'

/** A tool whose results may have more fields than it says. */
const open = defineTool({
  ...tool('open', () => ({ text: 'x' }), 'pure'),
  output: z.looseObject({ text: z.string() }) as never,
})
const own = [...ourTools, open]
const basic = ['say', 'fail'].map((name) => tool(name, () => null, 'pure'))
const toolbox = createToolbox([...basic, ...own])
const offline = createModels({}, {})

const engine = inlineEngine({ actors: [environmentActor()] })
const health = async () => ({ status: 'ok' as const, checks: [], since: 0 })
// one for all cases, as in a runtime
const shared = createEnvironments({ engine, clock: systemClock, checkOwner: async () => {}, health })

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'antiphon-cases-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe.each([
  ['keys', KEYS],
  ['tools', TOOLS],
  ['actions', ACTIONS],
  ['diagnostics', DIAGNOSTICS_AT_WORK],
])('%s', (_kind, cases) => {
  test.each(cases.map((one) => [one.yaml.trim().slice(0, 300), one] as const))('%s', (_yaml, one) => expectCase(one))
})

async function expectCase(one: Case): Promise<void> {
  const { yaml, files = {}, file = 'p.yaml', finds = [] } = one
  for (const [path, text] of Object.entries({ 'p.yaml': yaml, ...files })) await writeFile(join(folder, path), text)
  const findModel = (name: string) => (name === 'test/one' ? name : undefined)
  const { findings } = await compileFile(join(folder, file), { toolbox, findModel, shown: file, project: folder })
  const found = findings
    .map(({ code }) => code)
    .filter((code) => finds.includes(code) || code !== 'implicit_dependency')
  expect(found.sort(), JSON.stringify(findings)).toEqual([...finds].sort())
  const start = () => openCase(one).start(yaml, one.inputs as Inputs)
  if (one.refuses) await expect(start()).rejects.toMatchObject({ code: one.refuses })
  else if (one.outputs || one.fails) await expectRun(one)
}

async function expectRun(one: Case): Promise<void> {
  const { yaml, inputs = {}, signals = {}, outputs, fails, skips, warns } = one
  const workshop = openCase(one)
  const id = await workshop.start(yaml, inputs as Inputs)
  for (const [name, value] of Object.entries(signals))
    await workshop.engine.ask({ kind: 'run', key: id }, { type: 'signal', name, value })
  await workshop.events(id)
  const run = await readRun(workshop.engine.view, workshop.values, id)
  if (outputs) expect(run.outputs, run.error ?? '').toMatchObject(outputs)
  expect(run.error_code).toBe(fails)
  if (skips) expect(Object.values(run.steps).map(({ skip_reason: reason }) => reason)).toContain(skips)
  expect(run.warnings?.[0]?.split(':')[0]).toBe(warns)
}

function openCase({ says = '' }: Case) {
  const models = {
    ...NAMELESS,
    generate: (request: ModelRequest) => replyTo(request, says),
    ...{ choose: offline.choose, judge: offline.judge, facts: offline.facts },
  }
  const rooms = (owner: string, source: string) => ({
    environments: environmentsForTools(shared, owner, source),
  })
  const reach = { root: folder, roots: [folder], toolServices: services(), rooms }
  return openWorkshop({ tools: own, services: { models, ...reach } })
}

async function replyTo({ schema }: ModelRequest, text: string): Promise<ModelReply> {
  const reply = { text, citations: [], usage: { input: 1, output: 1 }, model: 'test/one' }
  if (!schema) return reply
  try {
    return { ...reply, object: JSON.parse(text) as Json }
  } catch {
    throw new TerminalError('that is no JSON', { code: 'model_invalid_output' })
  }
}
