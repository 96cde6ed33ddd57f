import type { Assignment } from '../../model/prompt/task.ts'
import type { SameWords } from '../../thread/protocol/domain.ts'
import type { PhaseInput, PhaseName } from '../../thread/protocol/phase-types.ts'
import { inWordsOf } from './terms.ts'

/**
 * The assignment of a phase with the instruction of its domain, and with the terms of the question: a model is told
 * which words mean the same, and one that only selects gets the question in the words of its documents.
 */
export function guided(
  assignment: Assignment,
  { ofDomain }: Pick<PhaseInput, 'ofDomain'>,
  phase: PhaseName,
  { offline }: { readonly offline: boolean },
): Assignment {
  const { instructions, terms = [] } = ofDomain ?? {}
  const own = instructions?.[phase] ?? instructions?.[phase.split('.')[0]!]
  const same = terms.map((words) => words.map((word) => JSON.stringify(word)).join(' = ')).join('; ')
  const lines = [assignment.instruction, own, same && !offline && `In this domain these words mean the same: ${same}.`]
  const guide = { ...assignment, instruction: lines.filter(Boolean).join('\n') }
  return terms.length > 0 && offline ? { ...guide, task: inWordsOfDocuments(guide, terms) } : guide
}

function inWordsOfDocuments({ task, documents }: Assignment, terms: readonly SameWords[]): Assignment['task'] {
  const texts = documents.map(({ text }) => text)
  const { question, focus } = task
  return {
    ...task,
    ...(question !== undefined && { question: inWordsOf(texts, question, terms) }),
    ...(focus !== undefined && { focus: inWordsOf(texts, focus, terms) }),
  }
}

const BEFORE_NOTICE = '\n\n'

/** An answer with the notice of its domain below it. The notice is never checked or cited. */
export const withNotice = (answer: string, notice: string) => `${answer}${BEFORE_NOTICE}${notice}`

/** The answer alone. */
export function withoutNotice({ answer, notice }: { readonly answer: string; readonly notice?: string }): string {
  return notice === undefined || !answer.endsWith(notice)
    ? answer
    : answer.slice(0, -(notice.length + BEFORE_NOTICE.length))
}
