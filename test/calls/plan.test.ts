import { expect, test } from 'vitest'
import { z } from 'zod'
import { planCalls, policyOf } from '../../src/calls/plan.ts'
import { dataOfTools } from '../../src/pipeline/room/compile/compile-job.ts'
import { hashOfInput, markCodeTool } from '../../src/tool/plugin/code-tool.ts'
import { defineTool } from '../../src/tool/tool.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'

const look = () =>
  markCodeTool(
    defineTool({ name: 'look', description: '', effect: 'pure', input: z.object({ a: z.string() }), execute: () => 1 }),
  )
const calls = [{ tool: 'look', parameters: { a: 'b' } }]
const code = { look: 'abc' }

test('a call of a tool of a program that is not here needs an approval, and is made at most once', () => {
  const [call] = planCalls({ calls, code }, createToolbox([])).calls
  expect(call).toMatchObject({ id: 'call_1', tool: 'look', code: 'abc', need: {} })
  expect(policyOf(call!)).toMatchObject({ effect: 'at-most-once', attempts: 1 })
})

test('a call of a tool of a program that is here is planned by its effect, and so is one that nobody approves', () => {
  const [call] = planCalls({ calls, code }, createToolbox([look()])).calls
  expect(call).toMatchObject({ code: 'abc', effect: 'pure' })
  expect(call).not.toHaveProperty('need')
  const [open] = planCalls({ calls, code, approve: 'none' }, createToolbox([])).calls
  expect(open).not.toHaveProperty('need')
})

test('a thread that compiles gets the hash of a tool of a program', () => {
  const tool = look()
  expect(dataOfTools([tool])).toMatchObject([{ name: 'look', code: hashOfInput(tool) }])
})
