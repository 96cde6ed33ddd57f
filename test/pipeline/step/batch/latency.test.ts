import { expect, test } from 'vitest'
import type { StepWork } from '../../../../src/pipeline/plan/compiled.ts'
import { createPaces } from '../../../../src/pipeline/step/batch/latency.ts'

const tool = (name: string, operation?: string): StepWork => ({
  type: 'tool',
  tool: name,
  ...(operation !== undefined && { operation }),
  parameters: {},
})

test('work that was never seen is not known to be quick', () => {
  expect(createPaces().isQuick(tool('a'))).toBe(false)
})

test('each operation of a tool, and each action of a model, has a pace of its own', () => {
  const paces = createPaces()
  paces.note(tool('files', 'read'), 1)
  paces.note(tool('files', 'copy'), 500)
  paces.note({ type: 'text', action: 'generate', parameters: {} }, 500)
  paces.note({ type: 'text', action: 'analyze', parameters: {} }, 2)
  expect(paces.isQuick(tool('files', 'read'))).toBe(true)
  expect(paces.isQuick(tool('files', 'copy'))).toBe(false)
  expect(paces.isQuick(tool('files'))).toBe(false)
  expect(paces.isQuick({ type: 'text', action: 'generate', parameters: {} })).toBe(false)
  expect(paces.isQuick({ type: 'text', action: 'analyze', parameters: {} })).toBe(true)
})

test('a tool is not taken for the action of a model, or for work of a kind, that is called the same', () => {
  const paces = createPaces()
  paces.note({ type: 'text', action: 'analyze', parameters: {} }, 2)
  paces.note({ type: 'decide', condition: 'true' }, 2)
  expect(paces.isQuick(tool('analyze'))).toBe(false)
  expect(paces.isQuick(tool('decide'))).toBe(false)
})

test('one slow time is remembered for a while, not for ever', () => {
  const paces = createPaces()
  paces.note(tool('a'), 100)
  paces.note(tool('a'), 0)
  expect(paces.isQuick(tool('a'))).toBe(false)
  for (let n = 0; n < 20; n++) paces.note(tool('a'), 0)
  expect(paces.isQuick(tool('a'))).toBe(true)
})
