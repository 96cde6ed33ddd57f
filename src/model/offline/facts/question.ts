import type { Document } from '../../prompt/task.ts'

/** A question with the texts it was asked about: those that it names, by where it names them, and all. */
export type Posed = { readonly question: string; readonly documents: readonly Document[] }

const REFERENCE = /\[document "([^"]*)"\]/g
const LONGEST_SAID = 80

/** The question as one sentence: short texts stand in it where it names them, as they would in the author's own. */
export function spoken({ question, documents }: Posed): string {
  return question
    .replace(REFERENCE, (reference, name: string) => {
      const text = documents.find((document) => document.name === name)?.text.trim() ?? ''
      return text === '' || text.length > LONGEST_SAID || text.includes('\n') ? reference : text
    })
    .replace(/\s+/g, ' ')
    .trim()
}

/** The question without the names of its texts, as it is looked for in them. */
export function unnamed(question: string): string {
  return question.replace(REFERENCE, ' ').replace(/\s+/g, ' ').trim()
}

/** The texts that a stretch of a question names. */
export function namedIn(stretch: string, documents: readonly Document[]): readonly Document[] {
  const names = new Set([...stretch.matchAll(REFERENCE)].map(([, name]) => name))
  return documents.filter(({ name }) => names.has(name))
}

/** Characters of a question that are looked at. */
export const LONGEST_QUESTION = 2000
