import { is } from '../../../errors.ts'
import { createMatcher } from '../../../template/template.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'

type PatternFaultCode = 'error_handler_invalid' | 'too_large'

/** Checks a pattern; undefined when it is valid or was not checked. */
type CheckPattern = (pattern: string) => { readonly code: PatternFaultCode; readonly message: string } | undefined

/**
 * Checks patterns, each once however often it occurs. If all of them
 * together are too large to check, this is reported once.
 */
export function createPatternCheck(): CheckPattern {
  const matches = createMatcher()
  const known = new Map<string, ReturnType<CheckPattern>>()
  let isTooMuch = false
  return (pattern) => {
    if (known.has(pattern) || isTooMuch) return known.get(pattern)
    const fault = faultOf(pattern, matches)
    isTooMuch = fault?.code === 'too_large'
    known.set(pattern, isTooMuch ? undefined : fault)
    return fault
  }
}

function faultOf(pattern: string, matches: (pattern: string, text: string) => boolean): ReturnType<CheckPattern> {
  try {
    matches(pattern, '')
    return undefined
  } catch (error) {
    if (!is(error)) throw error
    if (error.code === 'template_limit')
      return { code: 'too_large', message: 'the patterns of this pipeline are too large in total' }
    const message = `${JSON.stringify(pattern)} is not a valid pattern: ${error.message}`
    return { code: 'error_handler_invalid', message }
  }
}

// a repeated pattern is reported once
const patternChecks = new WeakMap<ReportFinding, CheckPattern>()

/** The pattern check that all patterns of a document share. */
export function patternCheckFor(report: ReportFinding): CheckPattern {
  const judge = patternChecks.get(report) ?? createPatternCheck()
  patternChecks.set(report, judge)
  return judge
}
