import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../../src/tool/tool.ts'
import { openRuns } from '../../workflow/open-runs.ts'

const graph = defineTool({
  name: 'graphs',
  description: 'Runs a graph elsewhere',
  input: z.object({ graph: z.string() }),
  effect: 'idempotent',
  capabilities: ['checkpoints', 'streaming'],
  execute: ({ graph }) => ({ ended: graph }),
})

const open = async () => (await openRuns({ tools: [graph] })).runtime
const textOf = (step: string) => ({ source: { text: `name: p\nsteps:\n  - ${step}\n` } })

it('runs a step of a control system as a step of its tool', async () => {
  const runtime = await open()
  const step = '{ id: a, control_system: graphs, capabilities: [streaming], parameters: { graph: daily } }'
  const { id } = await runtime.runs.start(textOf(step))
  await runtime.idle()
  expect(await runtime.runs.get(id)).toMatchObject({
    status: 'completed',
    steps: { a: { tool: 'graphs', value: { result: { ended: 'daily' } } } },
  })
})

it.each([
  ['{ id: a, control_system: graphs, capabilities: [streming] }', 'missing_capability', 'streaming'],
  ['{ id: a, tool: wait-for-signal, capabilities: [checkpoints] }', 'missing_capability', 'names none'],
  ['{ id: a, control_system: graph }', 'unknown_tool', 'graphs'],
  ['{ id: a, tool: graphs, control_system: graphs }', 'bad_value', 'same'],
  ['{ id: a, action: write, parameters: { prompt: x }, capabilities: [checkpoints] }', 'bad_value', undefined],
  ['{ id: a, control_system: graphs, capabilities: checkpoints }', 'bad_value', 'For example'],
])('%s is refused with %s', async (step, code, hint) => {
  const { valid, findings } = await (await open()).pipelines.validate(textOf(step))
  expect(valid).toBe(false)
  const found = findings.find((finding) => finding.code === code)
  expect(found).toMatchObject({ line: 3 })
  if (hint !== undefined) expect(found!.hint).toContain(hint)
})
