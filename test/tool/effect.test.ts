import { expect, it } from 'vitest'
import { builtinTools } from '../../src/tool/builtin/tools.ts'
import { effectClassOf } from '../../src/tool/tool.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'

const toolbox = createToolbox(builtinTools)

it.each([
  ['filesystem:read', {}, 'pure'],
  ['filesystem:list', {}, 'pure'],
  ['filesystem:exists', {}, 'pure'],
  ['filesystem:write', { path: 'a', content: 'b' }, 'idempotent'],
  ['filesystem:write', { mode: 'w' }, 'idempotent'],
  ['filesystem:write', { mode: 'append' }, 'at-most-once'],
  ['filesystem:write', { mode: 'a' }, 'at-most-once'],
  ['filesystem:write', { mode: 'x' }, 'at-most-once'],
  ['filesystem:write', null, 'idempotent'],
  ['filesystem:append', {}, 'at-most-once'],
  ['filesystem:copy', {}, 'idempotent'],
  ['filesystem:mkdir', {}, 'idempotent'],
  ['filesystem:move', {}, 'at-most-once'],
  ['filesystem:delete', {}, 'at-most-once'],
  ['terminal:execute', {}, 'at-most-once'],
])('%s with %j is %s', (name, input, effect) => {
  expect(effectClassOf(toolbox.find(name)!, input)).toBe(effect)
})
