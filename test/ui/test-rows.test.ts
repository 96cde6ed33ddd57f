import { expect, it } from 'vitest'
import { caseRows, changedParts, type ListedCase, type ListedResult, pairOf } from '../../ui/agents/test-rows.ts'

const one = (name: string): ListedCase => ({ name, passed: true, ms: 1, rounds: 1, tokens: 1, cost: 0 })
const result = (id: string, names: readonly string[], more: Partial<ListedResult> = {}): ListedResult => ({
  ...{ id, at: 1, passed: true, ms: 1, tokens: 1, cost: 0, fileHash: 'f', cases: names.map(one) },
  ...more,
})
// the newest first
const RESULTS = [result('r3', ['b']), result('r2', ['a', 'b']), result('r1', ['a'])]

it('has a row for each case, and says which result lacks it', () => {
  const rows = caseRows(RESULTS).map(({ name, outcomes }) => [name, outcomes.map((each) => each?.name)])
  expect(rows).toEqual([
    ['b', ['b', 'b', undefined]],
    ['a', [undefined, 'a', 'a']],
  ])
})

it('pairs a case with the result before it that has the case', () => {
  expect(pairOf(RESULTS, 'a', undefined)).toEqual({ result: 'r2', before: 'r1' })
  expect(pairOf(RESULTS, 'b', 'r3')).toEqual({ result: 'r3', before: 'r2' })
  expect(pairOf(RESULTS, 'a', 'r1')).toEqual({ result: 'r1' })
  expect(pairOf(RESULTS, 'a', 'gone')).toEqual({})
  expect(pairOf(RESULTS, 'none', undefined)).toEqual({})
})

it('names what is not as it was in the result before', () => {
  const before = result('r1', [], { agentHash: 'a', commit: 'c' })
  expect(changedParts(result('r2', [], { agentHash: 'b', commit: 'c' }), before)).toEqual(['agent'])
  expect(changedParts(result('r2', [], { agentHash: 'a', fileHash: 'g' }), before)).toEqual(['test', 'commit'])
  expect(changedParts(before, undefined)).toEqual([])
})
