import type { ExperienceState, Hit } from '../../thread/protocol/phase-types.ts'
import { keepLast } from '../protocol/bounds.ts'
import { readCodeQuestion } from './code-question.ts'

/** The most snippets of code that a thread keeps. */
const MAX_SNIPPETS = 8
const NAME = /`([\w$.]{1,80})`|\b(?:function|class|def|fn|func|interface|struct|enum|trait)\s+([\w$]{1,80})/
/** Words for the code that was asked about before. */
const SAME = /\b(?:it|(?:this|that|the same) (?:function|method|class|code|one))\b/i
/** A name of code in the question: then it is not about the code before. */
const OWN_NAME = /`|\w\(|[a-z][A-Z]|\w_\w/

/** The snippets of a thread after the hits of an ask, newest last; the first hit is the current one. */
export function keepSnippets({ snippets = [] }: ExperienceState, hits: readonly Hit[]): Partial<ExperienceState> {
  const [first] = hits
  if (!first) return {}
  const isNew = ({ file, line }: Hit) => !hits.some((hit) => hit.file === file && hit.line === line)
  return { snippets: keepLast([...snippets.filter(isNew), ...hits.toReversed()], MAX_SNIPPETS), currentSnippet: first }
}

/** `And what does it throw?` with the name of the current snippet in place of `it`; any other question as it is. */
export function nameSnippet(question: string, { currentSnippet }: ExperienceState): string {
  const [, quoted, defined] = NAME.exec(currentSnippet?.text ?? '') ?? []
  // `Who calls put?` was about `put`, and the fact begins with a caller
  const about = readCodeQuestion(currentSnippet?.fact ?? '')?.name
  const name = about ?? quoted ?? defined
  if (name === undefined || OWN_NAME.test(question) || !SAME.test(question)) return question
  return question.replace(SAME, name).replace(/^and /i, '')
}
