import type { Document } from '../../prompt/task.ts'
import { termsOf } from '../../text/terms.ts'
import { referencedDocuments, type TextQuestion, toSentence } from './question.ts'

const VERB = /\b(does not |doesn['’]t |do not |don['’]t |not )?(?:mention|contain|include)(?:s|ed|ing)?\b/i
const QUOTED = /["'“‘`]([^"'”’`]{1,200})["'”’`]/
const FILLER = /^(?:any|the|a|an|some|word|words|phrase|term|text|name|of)\s+/i
const MIN_TERM_LENGTH = 2

/** Whether a text mentions something, with all its words; undefined when the question does not ask that. */
export function isMentioned({ question, documents }: TextQuestion): boolean | undefined {
  const verb = VERB.exec(question)
  if (!verb) return undefined
  const left = question.slice(0, verb.index)
  const right = question.slice(verb.index + verb[0].length)
  const object = objectIn(toSentence({ question: right, documents }))
  const text = textsMeant(left, right, documents)
  if (object.wanted.length < MIN_TERM_LENGTH || text === undefined) return undefined
  const isThere = object.wanted.split(/(?<!\s)\s+or\s+/i).some((one) => holds(text, one))
  return isThere !== ((verb[1] !== undefined) !== object.negated)
}

function objectIn(text: string): { readonly wanted: string; readonly negated: boolean } {
  const clause = text.split(/[?;]|,\s*(?:by|in|as)\b/)[0]!.trim()
  const negated = /^no\s+/i.test(clause)
  let wanted = negated ? clause.replace(/^no\s+/i, '') : clause
  while (FILLER.test(wanted)) wanted = wanted.replace(FILLER, '')
  return { wanted, negated }
}

/** The texts before the verb, or the quoted text there, else everything except the texts after the verb. */
function textsMeant(left: string, right: string, documents: readonly Document[]): string | undefined {
  const before = referencedDocuments(left, documents)
  const quoted = QUOTED.exec(left)?.[1]
  if (before.length === 0 && quoted !== undefined) return quoted
  const after = new Set(referencedDocuments(right, documents))
  const meant = before.length > 0 ? before : documents.filter((document) => !after.has(document))
  return meant.length === 0 ? undefined : meant.map(({ text }) => text).join('\n')
}

/** A quoted text must occur literally, other words in any form. */
function holds(text: string, wanted: string): boolean {
  const quoted = QUOTED.exec(wanted)?.[1]
  if (quoted !== undefined) return text.toLowerCase().includes(quoted.toLowerCase())
  const held = new Set(termsOf(text))
  const terms = termsOf(wanted.replace(/\band\b/gi, ' '))
  return terms.length > 0 ? terms.every((term) => held.has(term)) : text.toLowerCase().includes(wanted.toLowerCase())
}
