import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineTool } from '../../src/tool/tool.ts'

const named = (name: string) => () =>
  defineTool({
    name,
    description: '',
    input: z.object({}),
    effect: 'pure',
    execute: () => null,
  })

it.each(['refund', 'get_weather', 'get-weather2', 'shop:order', 'my_shop:place_order'])('takes the name %s', (name) => {
  expect(named(name)().name).toBe(name)
})

it.each(['', 'Read', '2nd', 'a b', 'shop:', 'a:b:c', 'mcp__shop', '_x', 'a.b'])('refuses the name %j', (name) => {
  expect(named(name)).toThrow(
    `expected the name of a tool, such as get_weather or shop:order, got ${JSON.stringify(name)}`,
  )
})
