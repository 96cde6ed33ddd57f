import { is } from '../../../errors.ts'
import { createMatcher } from '../../../template/template.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'

type Code = 'error_handler_invalid' | 'too_large'

/** What is wrong with a pattern; undefined: nothing, or it was not looked at. */
export type Judge = (pattern: string) => { readonly code: Code; readonly message: string } | undefined

/** Judges patterns, each once however often it stands there. Where all of them together are too much to look at, that is told once. */
export function createJudge(): Judge {
  const matches = createMatcher()
  const known = new Map<string, ReturnType<Judge>>()
  let isTooMuch = false
  return (pattern) => {
    if (known.has(pattern) || isTooMuch) return known.get(pattern)
    const fault = faultOf(pattern, matches)
    isTooMuch = fault?.code === 'too_large'
    known.set(pattern, isTooMuch ? undefined : fault)
    return fault
  }
}

function faultOf(pattern: string, matches: (pattern: string, text: string) => boolean): ReturnType<Judge> {
  try {
    matches(pattern, '')
    return undefined
  } catch (error) {
    if (!is(error)) throw error
    if (error.code === 'template_limit')
      return { code: 'too_large', message: 'the patterns of this pipeline are too large in all' }
    const message = `${JSON.stringify(pattern)} is not a pattern: ${error.message}`
    return { code: 'error_handler_invalid', message }
  }
}

// of one text there is one report
const judges = new WeakMap<ReportFinding, Judge>()

/** What judges all patterns of one text. */
export function judgeOf(report: ReportFinding): Judge {
  const judge = judges.get(report) ?? createJudge()
  judges.set(report, judge)
  return judge
}
