import type { TestDocument } from '../../src/client.ts'

export type ListedResult = TestDocument['results'][number]
export type ListedCase = ListedResult['cases'][number]

/** A case with its outcome in each result; undefined: the result does not have it. */
type CaseRow = { readonly name: string; readonly outcomes: readonly (ListedCase | undefined)[] }

/** A row for each case, the cases of the newest result first, in their order. Pure. */
export function caseRows(results: readonly ListedResult[]): readonly CaseRow[] {
  const names = new Set(results.flatMap(({ cases }) => cases.map(({ name }) => name)))
  return [...names].map((name) => ({
    name,
    outcomes: results.map(({ cases }) => cases.find((one) => one.name === name)),
  }))
}

const PARTS = [
  ['agentHash', 'agent'],
  ['fileHash', 'test'],
  ['commit', 'commit'],
] as const

/** The parts that are not those of the result before it: the agent, the test, the commit. Pure. */
export function changedParts(result: ListedResult, before: ListedResult | undefined): readonly string[] {
  if (!before) return []
  return PARTS.flatMap(([field, name]) => (result[field] === before[field] ? [] : [name]))
}

/** The ids of a result with the case and of the one before it that has it, in a list with the newest first. Pure. */
export function pairOf(
  results: readonly ListedResult[],
  name: string,
  chosen: string | undefined,
): { readonly result?: string; readonly before?: string } {
  const having = results.filter(({ cases }) => cases.some((one) => one.name === name))
  const at = chosen === undefined ? 0 : having.findIndex(({ id }) => id === chosen)
  const [result, before] = at < 0 ? [] : having.slice(at)
  return { ...(result && { result: result.id }), ...(before && { before: before.id }) }
}
