import type { Document } from '../../prompt/task.ts'

/** A question with its texts: those that it names, by the place of the name, and all texts. */
export type TextQuestion = { readonly question: string; readonly documents: readonly Document[] }

const REFERENCE = /\[document "([^"]*)"\]/g
const MAX_INLINED_LENGTH = 80

/** The question as one sentence, with short texts inserted where it names them, as if the author had written them. */
export function toSentence({ question, documents }: TextQuestion): string {
  return question
    .replace(REFERENCE, (reference, name: string) => {
      const text = documents.find((document) => document.name === name)?.text.trim() ?? ''
      return text === '' || text.length > MAX_INLINED_LENGTH || text.includes('\n') ? reference : text
    })
    .replace(/\s+/g, ' ')
    .trim()
}

/** The question without the names of its texts, for searching in them. */
export function withoutReferences(question: string): string {
  return question.replace(REFERENCE, ' ').replace(/\s+/g, ' ').trim()
}

/** The texts that a part of a question names. */
export function referencedDocuments(stretch: string, documents: readonly Document[]): readonly Document[] {
  const names = new Set([...stretch.matchAll(REFERENCE)].map(([, name]) => name))
  return documents.filter(({ name }) => names.has(name))
}

/** Characters of a question that are considered. */
export const MAX_QUESTION_LENGTH = 2000
