import { plainText } from '../../text/markup.ts'
import { termsOf, wordsOf } from '../../text/terms.ts'
import type { Candidate } from './candidates.ts'
import type { Reading } from './reading.ts'

/** A line that says `key: value`, `key = value` or `| key | value |`. */
export type KeyLine = Candidate & { readonly key: string; readonly terms: ReadonlySet<string> }

const KEY_LINE =
  /^[ \t]*(?:[-*|][ \t]*)?["'*`]{0,3}([A-Za-z][\w .()/-]{0,40}?)["'*`]{0,3}[ \t]*(?::["'*`]{0,3}|=|\|)[ \t]+(?![ \t])["'`]?([^\n]{1,500}?)["'`,|]{0,3}(?<![ \t])[ \t]*$/gm
const SAME = 0.6

/** All key lines of the text; values are as they read. */
export function keyLines(reading: Reading): readonly KeyLine[] {
  return reading.excerpts.flatMap((excerpt) =>
    [...excerpt.text.matchAll(KEY_LINE)].map(({ 0: line, 1: key = '', 2: value = '', index }) => {
      const start = excerpt.start + index + line.lastIndexOf(value)
      const place = { document: excerpt.document, start, end: start + value.length }
      return { key, terms: nameTerms(key), value: plainText(value, 'paragraph'), excerpt, ...place }
    }),
  )
}

/** The line whose key is the same as the name or nearly so; the first of equal ones. */
export function lineFor(name: string, lines: readonly KeyLine[]): KeyLine | undefined {
  const wanted = nameTerms(name)
  let best: { readonly line?: KeyLine; readonly likeness: number } = { likeness: 0 }
  for (const line of lines) {
    const alike = likeness(wanted, line.terms)
    if (alike > best.likeness) best = { line, likeness: alike }
  }
  return best.likeness >= SAME ? best.line : undefined
}

const nameTerms = (name: string) => new Set(termsOf(wordsOf(name)))

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return [...a].filter((term) => b.has(term)).length / Math.max(1, a.size, b.size)
}
