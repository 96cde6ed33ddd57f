import type { TestCaseResult, TestResult } from './documents.ts'

type Earlier = Pick<TestResult, 'cases'>

/**
 * Says of each case what changed since the newest earlier result that has a case of its name. `earlier`: the newest
 * first. A result of a few chosen cases hides none of the others. Pure.
 */
export function withChanges(cases: readonly TestCaseResult[], earlier: readonly Earlier[]): TestCaseResult[] {
  const last = new Map<string, TestCaseResult>()
  for (const one of earlier.toReversed().flatMap((result) => result.cases)) last.set(one.name, one)
  return cases.map((one) => {
    const before = last.get(one.name)
    const change = earlier.length === 0 ? undefined : changeOf(one, before)
    const differs = before !== undefined && isOther(before, one)
    return { ...one, ...(change && { change }), ...(differs && { differs }) }
  })
}

function changeOf({ passed }: TestCaseResult, before: TestCaseResult | undefined): TestCaseResult['change'] {
  if (!before) return 'new'
  if (passed === before.passed) return undefined
  return passed ? 'mended' : 'broke'
}

/** Whether the answers differ, as far as both are stored. */
function isOther(before: TestCaseResult, { answer, cut = [] }: TestCaseResult): boolean {
  if (answer === undefined || before.answer === undefined) return answer !== before.answer
  const isCut = [...cut, ...(before.cut ?? [])].includes('answer')
  const length = isCut ? Math.min(answer.length, before.answer.length) : undefined
  return answer.slice(0, length) !== before.answer.slice(0, length)
}
