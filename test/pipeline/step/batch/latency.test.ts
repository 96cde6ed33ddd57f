import { expect, test } from 'vitest'
import type { StepWork } from '../../../../src/pipeline/plan/compiled.ts'
import { createLatencyEstimates } from '../../../../src/pipeline/step/batch/latency.ts'

const tool = (name: string, operation?: string): StepWork => ({
  type: 'tool',
  tool: name,
  ...(operation !== undefined && { operation }),
  parameters: {},
})

test('work that was never seen is not known to be quick', () => {
  expect(createLatencyEstimates().isFast(tool('a'))).toBe(false)
})

test('each operation of a tool, and each action of a model, has a pace of its own', () => {
  const paces = createLatencyEstimates()
  paces.record(tool('files', 'read'), 1)
  paces.record(tool('files', 'copy'), 500)
  paces.record({ type: 'text', action: 'generate', parameters: {} }, 500)
  paces.record({ type: 'text', action: 'analyze', parameters: {} }, 2)
  expect(paces.isFast(tool('files', 'read'))).toBe(true)
  expect(paces.isFast(tool('files', 'copy'))).toBe(false)
  expect(paces.isFast(tool('files'))).toBe(false)
  expect(paces.isFast({ type: 'text', action: 'generate', parameters: {} })).toBe(false)
  expect(paces.isFast({ type: 'text', action: 'analyze', parameters: {} })).toBe(true)
})

test('a tool is not taken for the action of a model, or for work of a kind, that is called the same', () => {
  const paces = createLatencyEstimates()
  paces.record({ type: 'text', action: 'analyze', parameters: {} }, 2)
  paces.record({ type: 'decide', condition: 'true' }, 2)
  expect(paces.isFast(tool('analyze'))).toBe(false)
  expect(paces.isFast(tool('decide'))).toBe(false)
})

test('one slow time is remembered for a while, not for ever', () => {
  const paces = createLatencyEstimates()
  paces.record(tool('a'), 100)
  paces.record(tool('a'), 0)
  expect(paces.isFast(tool('a'))).toBe(false)
  for (let n = 0; n < 20; n++) paces.record(tool('a'), 0)
  expect(paces.isFast(tool('a'))).toBe(true)
})
