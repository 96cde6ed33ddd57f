import { readdirSync, readFileSync } from 'node:fs'
import type { Document } from '../../src/model/prompt/task.ts'
import type { TextRange } from '../../src/model/text/sentences.ts'
import { HALVES, type Half, rangeOf } from './labels.ts'

/** A question to `antiphon ask`, its document, and where the sentences that answer it lie; none: nothing there does. */
export type Asked = { readonly question: string; readonly document: Document; readonly answers: readonly TextRange[] }

type Entry = { readonly document: string; readonly question: string; readonly answers?: readonly string[] }

/** The questions of one half, which is every second document by name. */
export function readAsked(half: Half): readonly Asked[] {
  const names = readdirSync(at('texts')).toSorted()
  const documents = names.map((name) => ({ name, text: readFileSync(at(`texts/${name}`), 'utf8') }))
  const own = new Map(documents.filter((_, n) => n % 2 === HALVES.indexOf(half)).map((one) => [one.name, one]))
  const entries = JSON.parse(readFileSync(at('questions.json'), 'utf8')) as readonly Entry[]
  return entries.flatMap(({ document: name, question, answers = [] }) => {
    const document = own.get(name)
    return document ? [{ question, document, answers: answers.map((answer) => rangeOf(answer, document.text)) }] : []
  })
}

const at = (path: string) => new URL(`./asked/${path}`, import.meta.url)
