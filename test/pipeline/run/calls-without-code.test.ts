import { expect, test } from 'vitest'
import { z } from 'zod'
import { dataOfTools } from '../../../src/pipeline/room/compile/compile-job.ts'
import { callsPipeline } from '../../../src/pipeline/run/calls-pipeline.ts'
import { hashOfInput, markCodeTool } from '../../../src/tool/plugin/code-tool.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'

const look = () =>
  markCodeTool(
    defineTool({ name: 'look', description: '', effect: 'pure', input: z.object({ a: z.string() }), execute: () => 1 }),
  )
const calls = [{ tool: 'look', parameters: { a: 'b' } }]
const code = { look: 'abc' }

test('a call of a tool of a program that is not here needs an approval, and is made at most once', () => {
  const { pipeline } = callsPipeline({ calls, code }, createToolbox([]))
  expect(Object.keys(pipeline.steps)).toContain('approve_call_1')
  expect(pipeline.steps.call_1).toMatchObject({
    work: { type: 'tool', tool: 'look', code: 'abc' },
    policy: { effect: 'at-most-once', attempts: 1 },
  })
})

test('a call of a tool of a program that is here is planned by its effect, and so is one that nobody approves', () => {
  const { pipeline } = callsPipeline({ calls, code }, createToolbox([look()]))
  expect(Object.keys(pipeline.steps)).not.toContain('approve_call_1')
  expect(pipeline.steps.call_1).toMatchObject({ work: { code: 'abc' }, policy: { effect: 'pure' } })
  const open = callsPipeline({ calls, code, approve: 'none' }, createToolbox([]))
  expect(Object.keys(open.pipeline.steps)).not.toContain('approve_call_1')
})

test('a thread that compiles gets the hash of a tool of a program', () => {
  const tool = look()
  expect(dataOfTools([tool])).toMatchObject([{ name: 'look', code: hashOfInput(tool) }])
})
