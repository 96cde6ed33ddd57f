import { plainText } from '../../text/passages.ts'
import { nameToWords, termsOf } from '../../text/terms.ts'
import type { DocumentExcerpt, IndexedDocuments, Quote } from './reading.ts'

/** A piece of text with a known form, and its place. */
export type FormMatch = Quote & { readonly value: string; readonly excerpt: DocumentExcerpt }

const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}'

/** Values that can be identified by their form. */
export const VALUE_FORMS = {
  email: /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}/g,
  url: /https?:\/\/[^\s)>\]"'<]{1,2000}[^\s)>\]"'<.,;:!?]/g,
  date: new RegExp(
    [
      '\\b\\d{4}-\\d{2}-\\d{2}\\b',
      `\\b\\d{1,2}\\.? ${MONTH}(?:\\.?,? \\d{4})?\\b`,
      `\\b${MONTH}\\.? \\d{1,4}(?:,? \\d{4})?\\b`,
      '\\b(?:1[5-9]|20)\\d\\d\\b(?![.,]?\\d)',
    ].join('|'),
    'g',
  ),
  version: /\bv?\d{1,6}(?:\.\d{1,6}){1,4}(?:-[\w.]{1,30})?\b/g,
  money:
    /[$€£] ?\d[\d,]{0,20}(?:\.\d{1,4})?|(?<![\d.,])\d[\d,]{0,20}(?:\.\d{1,4})? ?(?:[€£]|(?:euros?|dollars?|pounds?|USD|EUR|GBP|CHF)\b)/g,
  path: /(?:~|\.{1,2})?(?:\/[\w.@+-]{1,100}){2,20}|\b[\w-]{1,60}\.(?:md|txt|json|ya?ml|toml|[jt]sx?|py|go|rs|sh|html|css|csv)\b/g,
  phone: /(?:\+|\b0)\d(?:[ ()/-]{0,2}\d){6,14}\b/g,
  number: /(?<![\w.,:/-])[-+]?(?:\d{1,3}(?:,\d{3})+|\d{1,20})(?:\.\d{1,12})?(?![\w:/-]|[.,]\d)/g,
} satisfies { readonly [form: string]: RegExp }

/** The form that a request means, by its words; the first match counts. */
const ASKED: readonly (readonly [keyof typeof VALUE_FORMS, RegExp])[] = [
  ['email', /\be-?mails?\b|\bmail address/i],
  ['url', /\b(?:urls?|links?|websites?|home ?pages?|web pages?)\b/i],
  ['version', /\bversions?\b/i],
  ['date', /\b(?:dates?|years?|days? of|deadlines?)\b/i],
  ['money', /\b(?:prices?|costs?|amounts? of money|fees?)\b/i],
  ['path', /\b(?:file ?names?|files?|paths?|folders?|directories)\b/i],
  ['phone', /\b(?:tele)?phones?\b|\btel\b/i],
  ['number', /\b(?:numbers?|figures|amounts?|quantit(?:y|ies))\b/i],
]

/** Characters around a candidate in which its name is searched. */
const MAX_CONTEXT_BEFORE = 70
const MAX_CONTEXT_AFTER = 50
const MAX_CONTEXT_NEXT = 25
const MAX_MATCHES = 1000
/** The end of a clause, but not a full stop inside a name or number. */
const CLAUSE = /[.;!?](?=\s)|\n\s*\n/

/** The form a question asks for, when it asks for one. */
export function formOfQuestion(question: string): RegExp | undefined {
  const asked = ASKED.find(([, words]) => words.test(question))
  return asked && VALUE_FORMS[asked[0]]
}

/** All pieces with that form in their order, up to a thousand. */
export function findMatches(reading: IndexedDocuments, form: RegExp): FormMatch[] {
  return reading.excerpts.flatMap((excerpt) => findIn(excerpt, form)).slice(0, MAX_MATCHES)
}

function findIn(excerpt: DocumentExcerpt, form: RegExp): FormMatch[] {
  const found: FormMatch[] = []
  for (const { 0: value, index } of excerpt.text.matchAll(form)) {
    if (found.length === MAX_MATCHES) break
    const start = excerpt.start + index
    found.push({ value, excerpt, document: excerpt.document, start, end: start + value.length })
  }
  return found
}

/** The candidate with the best score of these words around it, and that score; the first of equal ones. */
export function nearestMatch(
  candidates: readonly FormMatch[],
  name: string,
): { candidate: FormMatch; nearness: number } | undefined {
  const words = [...new Set(termsOf(name))]
  const scored = candidates.map((candidate, at) => {
    const [before, after] = [candidates[at - 1], candidates[at + 1]].map((other) => sameExcerpt(candidate, other))
    return { candidate, nearness: nearnessOf(candidate, words, before?.end, after?.start) }
  })
  return scored.sort((a, b) => b.nearness - a.nearness || a.candidate.start - b.candidate.start)[0]
}

function sameExcerpt({ excerpt }: FormMatch, other: FormMatch | undefined): FormMatch | undefined {
  return other?.excerpt === excerpt ? other : undefined
}

/**
 * Scores the words around a candidate. A word right after it counts most (`78 metres`), then one before it on the same
 * line, one before it, one after it. Words that belong to a neighbouring candidate or to another clause count less.
 */
function nearnessOf({ excerpt, start, end }: FormMatch, words: readonly string[], left = -1, right = Infinity): number {
  const [from, to] = [start - excerpt.start, end - excerpt.start]
  const wide = excerpt.text.slice(Math.max(0, from - MAX_CONTEXT_BEFORE), from)
  const before = lastClause(excerpt.text.slice(Math.max(0, from - MAX_CONTEXT_BEFORE, left - excerpt.start), from))
  const after = excerpt.text.slice(to, Math.min(to + MAX_CONTEXT_AFTER, right - excerpt.start)).split(CLAUSE)[0]!
  const around: readonly (readonly [text: string, weight: number])[] = [
    [before.slice(before.lastIndexOf('\n') + 1), 1.5],
    [after.slice(0, MAX_CONTEXT_NEXT), 1.6],
    [before, 1],
    [after, 0.7],
    [wide, 0.3],
  ]
  const weighed = around.map(([text, weight]) => ({ terms: new Set(termsOf(text)), weight }))
  return words.reduce((sum, word) => sum + (weighed.find(({ terms }) => terms.has(word))?.weight ?? 0), 0)
}

const lastClause = (text: string): string => text.split(CLAUSE).at(-1)!

/** A line that says `key: value`, `key = value` or `| key | value |`. */
export type KeyLine = FormMatch & { readonly key: string; readonly terms: ReadonlySet<string> }

const KEY_LINE =
  /^[ \t]*(?:[-*|][ \t]*)?["'*`]{0,3}([A-Za-z][\w .()/-]{0,40}?)["'*`]{0,3}[ \t]*(?::["'*`]{0,3}|=|\|)[ \t]+(?![ \t])["'`]?([^\n]{1,500}?)["'`,|]{0,3}(?<![ \t])[ \t]*$/gm
const MIN_KEY_SIMILARITY = 0.6

/** All key lines of the text, with their values as written. */
export function findKeyLines(reading: IndexedDocuments): readonly KeyLine[] {
  return reading.excerpts.flatMap((excerpt) =>
    [...excerpt.text.matchAll(KEY_LINE)].map(({ 0: line, 1: key = '', 2: value = '', index }) => {
      const start = excerpt.start + index + line.lastIndexOf(value)
      const place = { document: excerpt.document, start, end: start + value.length }
      return { key, terms: nameTerms(key), value: plainText(value, 'paragraph'), excerpt, ...place }
    }),
  )
}

/** The line whose key equals the name, or nearly so; the first of equal ones. */
export function findKeyLine(name: string, lines: readonly KeyLine[]): KeyLine | undefined {
  const wanted = nameTerms(name)
  let best: { readonly line?: KeyLine; readonly likeness: number } = { likeness: 0 }
  for (const line of lines) {
    const alike = likeness(wanted, line.terms)
    if (alike > best.likeness) best = { line, likeness: alike }
  }
  return best.likeness >= MIN_KEY_SIMILARITY ? best.line : undefined
}

const nameTerms = (name: string) => new Set(termsOf(nameToWords(name)))

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return [...a].filter((term) => b.has(term)).length / Math.max(1, a.size, b.size)
}
