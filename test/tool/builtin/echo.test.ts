import { expect, test } from 'vitest'
import { echoTools } from '../../../src/tool/builtin/echo.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { call, contextAt } from '../context.ts'

const toolbox = createToolbox(echoTools)
const use = (tool: string, input: object) => call(toolbox.find(tool)!, input, contextAt('/'))

test.each([
  ['echo the tide turns', 'the tide turns'],
  ['  print\tebb  and flow', 'ebb  and flow'],
  ['echo', ''],
])('echo returns the text after the first word of %j', async (action, text) => {
  expect(await use('echo', { action })).toBe(text)
})

test.each([['text'], [7], [null], [[1, { a: 'b' }]], [{ nested: { list: [] } }]])(
  'debug returns %j unchanged',
  async (message) => {
    expect(await use('debug', { message })).toEqual(message)
  },
)
