import { expect, test } from 'vitest'
import { z } from 'zod'
import { NOOP_OBSERVER, type Observer } from '../../src/observe/observer.ts'
import { endAttributes } from '../../src/observe/otel/span-attributes.ts'
import type { SpanAttributes } from '../../src/observe/semantic-conventions.ts'
import { observedTools } from '../../src/telemetry/instrument.ts'
import { javascriptTool } from '../../src/tool/builtin/code/javascript.ts'
import { defineTool, type Tool } from '../../src/tool/tool.ts'
import type { Toolbox } from '../../src/tool/toolbox.ts'
import { call, contextAt } from '../tool/context.ts'

/** What is told of a tool's calls. */
function observed(tool: Tool) {
  const told: SpanAttributes[] = []
  const observer: Observer = {
    ...NOOP_OBSERVER,
    span: (_, work) => work((noted) => void told.push(noted)),
  }
  const toolbox = { find: () => tool } as Partial<Toolbox> as Toolbox
  return { told, tool: observedTools(toolbox, observer).find(tool.name)! }
}

test('the span of a tool names the sandbox that its code ran in, also when the code fails', async () => {
  const { told, tool } = observed(javascriptTool)
  await call(tool, { code: 'return 1' }, contextAt('/'))
  await expect(call(tool, { code: 'throw 1' }, contextAt('/'))).rejects.toThrow()
  expect(told.map(endAttributes)).toEqual([{ 'antiphon.sandbox': 'quickjs' }, { 'antiphon.sandbox': 'quickjs' }])
})

test('calls in a sandbox are reported, too, and invalid names of sandboxes are not', async () => {
  const made = defineTool({
    name: 'own',
    description: 'Its own',
    input: z.object({}),
    effect: 'pure',
    execute: () => ({ sandbox: 'a text that nobody should see' }),
    confined: () => ({ sandbox: 'bubblewrap' }),
  })
  const { told, tool } = observed(made)
  await tool.execute({}, contextAt('/'))
  await tool.confined!({}, contextAt('/'))
  expect(told).toEqual([{}, { sandbox: 'bubblewrap' }])
})
