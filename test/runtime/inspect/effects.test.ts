import { expect, it } from 'vitest'
import { z } from 'zod'
import type { EngineView } from '../../../src/engine/engine.ts'
import type { Inspected, InspectedMail } from '../../../src/engine/inspect.ts'
import type { CompiledPipeline } from '../../../src/pipeline/plan/compiled.ts'
import { describeEffects } from '../../../src/runtime/inspect/effects.ts'
import type { ValueStore } from '../../../src/step/values.ts'
import { defineTool, type Tool } from '../../../src/tool/tool.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { ref } from '../../../trials/conformance/actors.ts'

const bounded = defineTool({
  name: 'x',
  description: '',
  input: z.strictObject({}),
  effect: 'pure',
  timeout: 1,
  execute: () => null,
})

const steps = Object.fromEntries(
  ['first', 'second'].map((id) => [
    id,
    { id, policy: { attempts: 3 }, work: { type: 'tool', tool: `${id}-tool`, parameters: {} } },
  ]),
) as unknown as CompiledPipeline['steps']

const describe = describeEffects({
  view: {
    peek: async () => ({ status: 'running', language: 'pipeline', pipeline: 'hash' }),
    async *parts() {},
  } as unknown as EngineView,
  values: { get: async () => ({ steps }) } as unknown as ValueStore,
  toolbox: createToolbox(['first-tool', 'second-tool'].map((name) => ({ ...bounded, name }))),
})

it.each([
  ['its own', ref('step', 'r.first'), ref('run', 'r'), 'execute', 'the tool first-tool'],
  ['that of a step behind it', ref('step', 'r.first'), ref('run', 'r'), 'execute:second', 'the tool second-tool'],
  ['that of a step its run took along', ref('run', 'r'), null, 'step/r.first execute', 'the tool first-tool'],
  ['of one behind that', ref('run', 'r'), ref('step', 'r.zero'), 'step/r.first execute:second', 'the tool second-tool'],
  ['of a run with spaces', ref('run', 'a b'), null, 'step/a b.first execute', 'the tool first-tool'],
  ['another effect', ref('run', 'r'), null, 'execute', undefined],
  ['an effect of a step of nobody', ref('step', 'r.first'), null, 'execute', undefined],
])('an effect is said to do what its step does: %s', async (_, of, from, name, does) => {
  const mail = { from, effect: { name, attempt: 1 } } as InspectedMail
  expect(await describe({ of } as Inspected, mail)).toEqual(does === undefined ? {} : { attempts: 3, does })
})

it.each([
  [{ goal: 'g' }, '`timeout: 10m` in the file of the agent'],
  [{}, '`timeout: 600` in the step first'],
])('a call without a timeout says how to give it one (%j)', async (start, unbounded) => {
  const parts = async function* () {
    yield ['start', start]
  }
  const peek = async () => ({ status: 'running', language: 'pipeline', pipeline: 'hash' })
  const { timeout: _, ...endless } = bounded
  const find = () => endless as Tool
  const values = { get: async () => ({ steps }) } as unknown as ValueStore
  const look = describeEffects({ view: { peek, parts } as unknown as EngineView, values, toolbox: { find } })
  const mail = { from: ref('run', 'r'), effect: { name: 'execute', attempt: 1 } } as InspectedMail
  expect(await look({ of: ref('step', 'r.first') } as Inspected, mail)).toMatchObject({ unbounded })
})
