import { expect, test } from 'vitest'
import { z } from 'zod'
import { offeredTools } from '../../../src/agent/context/tool-offers.ts'
import { defineTool } from '../../../src/tool/tool.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { CLERK } from '../goal/folder.ts'

const toolNamed = (name: string) =>
  defineTool({ name, description: name, effect: 'pure', input: z.object({}), execute: () => ({}) })

const LONG = 'a'.repeat(70)
const NAMES = ['tide-read:all', 'tide:read_all', `${LONG}:one`, `${LONG}:two`, 'read:result']

function offered(names: readonly string[]) {
  const tools = offeredTools({ ...CLERK, tools: names }, createToolbox(NAMES.map(toolNamed)))
  return Object.fromEntries(Array.from(tools, ([name, { tool }]) => [tool?.name ?? name, name]))
}

test('tools whose names look alike to a model get distinct names, always the same', () => {
  const names = offered(NAMES)
  expect(names['read:result']).toMatch(/^read_result_[0-9a-f]{8}$/)
  expect(names.read_result).toBe('read_result')
  expect(names[`${LONG}:one`]).toBe('a'.repeat(64))
  expect(names[`${LONG}:two`]).toMatch(/^a{55}_[0-9a-f]{8}$/)
  expect(new Set(Object.values(names)).size).toBe(Object.keys(names).length)
  expect(offered([...NAMES, ...NAMES].toReversed())).toEqual(names)
})
