import { readFileSync } from 'node:fs'
import type { Json } from '../../src/kernel/schema.ts'
import type { Document, JsonSchema } from '../../src/model/prompt/task.ts'
import type { TextRange } from '../../src/model/text/sentences.ts'
import { escapeRegExp } from '../../src/model/text/strings.ts'

/** Which half of the labels: what is changed is chosen by `tune`; of `held` only totals are looked at. */
export type Half = (typeof HALVES)[number]
export const HALVES = ['tune', 'held'] as const

/** A question, its document by place among all, and where the sentences that answer it lie; none: nothing there does. */
export type Question = { readonly question: string; readonly document: number; readonly answers: readonly TextRange[] }
export type Sentences = {
  readonly choices: { readonly [label: string]: string }
  readonly sentences: readonly { readonly label: string; readonly text: string }[]
}
/** A field of a text, and what is right for it; null: the text does not say it. */
export type Field = { readonly field: string; readonly schema: JsonSchema; readonly right: readonly Json[] }
export type FieldText = { readonly name: string; readonly text: string; readonly fields: readonly Field[] }
type Reference = { readonly document: number; readonly reference: string }

/** All labels of one half; `documents` are those of both, for a question may be put to all of them. */
export type Labels = {
  readonly documents: readonly Document[]
  readonly questions: readonly Question[]
  readonly unanswerable: readonly Question[]
  readonly topics: Sentences
  readonly sentiment: Sentences
  readonly texts: readonly FieldText[]
  readonly references: readonly Reference[]
}

type Asked = { readonly document: string; readonly question: string; readonly answers?: readonly string[] }
type Referenced = { readonly document: string; readonly reference: string }

/** The labels of one half: every second document by name, and every second entry by place, from the first or from the second. */
export function readLabels(half: Half): Labels {
  const references = read<readonly Referenced[]>('summaries')
  const documents = references
    .map(({ document }) => document)
    .sort()
    .map(readDocument)
  const place = (name: string) => documents.findIndex((document) => document.name === name)
  const ofHalf = <T>(entries: readonly T[], at: (entry: T) => number) =>
    entries.filter((entry) => at(entry) % 2 === HALVES.indexOf(half))
  const everySecond = <T>(entries: readonly T[]) => ofHalf(entries, (entry) => entries.indexOf(entry))
  const asked = (name: string) =>
    ofHalf(read<readonly Asked[]>(name), ({ document }) => place(document)).map((one) => locate(one, documents, place))
  const sentences = (name: string) => {
    const all = read<Sentences>(name)
    return { ...all, sentences: everySecond(all.sentences) }
  }
  return {
    documents,
    questions: asked('questions'),
    unanswerable: asked('unanswerable'),
    topics: sentences('topics'),
    sentiment: sentences('sentiment'),
    texts: everySecond(read<readonly FieldText[]>('fields')),
    references: ofHalf(references, ({ document }) => place(document)).map(({ document, reference }) => {
      return { document: place(document), reference }
    }),
  }
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./labels/${name}.json`, import.meta.url), 'utf8')) as T
}

function readDocument(name: string): Document {
  return { name, text: readFileSync(new URL(`./texts/${name}`, import.meta.url), 'utf8') }
}

function locate(
  { document, question, answers = [] }: Asked,
  documents: readonly Document[],
  place: (name: string) => number,
): Question {
  const at = place(document)
  const { text } = documents[at]!
  return { question, document: at, answers: answers.map((answer) => rangeOf(answer, text)) }
}

/** Where a piece stands in a text once, whatever white space lies between its words. */
export function rangeOf(piece: string, text: string): TextRange {
  const words = piece.split(/\s+/).map(escapeRegExp)
  const [found, ...others] = text.matchAll(new RegExp(words.join('\\s+'), 'g'))
  if (!found || others.length > 0) throw new Error(`${JSON.stringify(piece)} does not stand in its document once`)
  return { start: found.index, end: found.index + found[0].length }
}
