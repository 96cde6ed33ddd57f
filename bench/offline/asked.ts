import { readdirSync, readFileSync } from 'node:fs'
import type { Document } from '../../src/model/prompt/task.ts'
import type { TextRange } from '../../src/model/text/sentences.ts'
import { HALVES, rangeOf } from './labels.ts'

/** A question to `antiphon ask`, its document, and where the sentences that answer it lie; none: nothing there does. */
export type Asked = { readonly question: string; readonly document: Document; readonly answers: readonly TextRange[] }

/** The questions of `asked/` by half, and those of `held2/`, over public texts that were not written for this. */
export const ASKED = [...HALVES, 'held2'] as const
export type AskedSet = (typeof ASKED)[number]

type Entry = { readonly document: string; readonly question: string; readonly answers?: readonly string[] }

/** The questions of one set: a half is every second document by name. */
export function readAsked(set: AskedSet): readonly Asked[] {
  const folder = new URL(set === 'held2' ? './held2/' : './asked/', import.meta.url)
  const names = readdirSync(new URL('texts', folder)).toSorted()
  const documents = names.map((name) => ({ name, text: readFileSync(new URL(`texts/${name}`, folder), 'utf8') }))
  const isOwn = (n: number) => set === 'held2' || n % 2 === HALVES.indexOf(set)
  const own = new Map(documents.filter((_, n) => isOwn(n)).map((one) => [one.name, one]))
  const entries = JSON.parse(readFileSync(new URL('questions.json', folder), 'utf8')) as readonly Entry[]
  return entries.flatMap(({ document: name, question, answers = [] }) => {
    const document = own.get(name)
    return document ? [{ question, document, answers: answers.map((answer) => rangeOf(answer, document.text)) }] : []
  })
}
