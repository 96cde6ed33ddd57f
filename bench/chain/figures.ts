import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { Half } from '../offline/labels.ts'
import { type Asked, METHODS, type Method, type Reply } from './ask.ts'
import { holdsWords, numbersNowhere } from './holds.ts'
import { type ChainQuestion, KINDS, type Kind, type Part } from './sets.ts'

/** The figures of a method for one kind and half. Shares are from 0 to 1, and absent where no question is of that sort. */
export type ChainRow = {
  readonly kind: Kind
  readonly half: Half
  readonly method: Method
  readonly questions: number
  /** of the questions that the files answer, those whose answer holds each part */
  readonly right?: number
  /** the parts that answers hold */
  readonly parts?: number
  /** the parts whose place an answer cites; absent also for a model that does not cite */
  readonly cited?: number
  readonly wronglyRefused?: number
  /** of the questions with a part that the files do not answer, those whose answer names an open part */
  readonly named?: number
  /** of the questions that the files do not answer */
  readonly rightlyRefused?: number
  /** the same, and those with an answer that says it is not sure */
  readonly notSure?: number
  /** of all questions, those with an answer that is not as expected, and does not say that it is not sure */
  readonly wrongAndSure?: number
  /** of the answers, those that failed a check; absent: none was made */
  readonly failed?: number
  /** numbers in answers that stand in none of their files; with checks, only in answers that pass them */
  readonly numbers: number
}

/** What the answers of one half cost: calls of models and ms for each question, on average. */
export type ChainCost = { readonly half: Half; readonly method: Method; readonly calls: number; readonly ms: number }

/** A citation of more lines is of no help. */
const MAX_CITED_LINES = 40

/** The figures of each kind, half and method that was asked. */
export function rowsOf(asked: readonly Asked[], halves: readonly Half[]): readonly ChainRow[] {
  return halves.flatMap((half) =>
    KINDS.flatMap((kind) => {
      const own = asked.filter(({ question }) => question.kind === kind && question.half === half)
      return own.length === 0
        ? []
        : METHODS.map((method) => ({ kind, half, method, ...figuresOf(repliesOf(own, method)) }))
    }),
  )
}

/** What each method cost in each half. */
export function costsOf(asked: readonly Asked[], halves: readonly Half[]): readonly ChainCost[] {
  return halves.flatMap((half) =>
    METHODS.map((method) => {
      const replies = repliesOf(
        asked.filter(({ question }) => question.half === half),
        method,
      ).map(({ reply }) => reply)
      return { half, method, calls: mean(replies.map(({ calls }) => calls))!, ms: mean(replies.map(({ ms }) => ms))! }
    }),
  )
}

type Replied = { readonly question: ChainQuestion; readonly reply: Reply }

function repliesOf(asked: readonly Asked[], wanted: Method): readonly Replied[] {
  return asked.map(({ question, replies }) => ({ question, reply: replies.find(({ method }) => method === wanted)! }))
}

function figuresOf(all: readonly Replied[]): Omit<ChainRow, 'kind' | 'half' | 'method'> {
  const answerable = all.filter(({ question }) => question.parts.length > 0)
  const unanswerable = all.filter(({ question }) => question.parts.length === 0)
  const parts = answerable.flatMap(({ question, reply }) => question.parts.map((part) => ({ part, reply })))
  const citing = parts.filter(({ reply }) => reply.cited !== undefined)
  const shares = {
    right: share(answerable, isRight),
    parts: share(parts, ({ part, reply }) => holdsPart(reply, part)),
    cited: share(citing, ({ part, reply }) => citesPart(reply, part)),
    wronglyRefused: share(answerable, ({ reply }) => reply.refused),
    named: share(
      answerable.filter(({ question }) => question.kind === 'partly'),
      ({ reply }) => reply.open > 0,
    ),
    rightlyRefused: share(unanswerable, ({ reply }) => reply.refused),
    notSure: share(unanswerable, ({ reply }) => reply.refused || reply.unsure),
    wrongAndSure: share(all, (one) => !one.reply.refused && !one.reply.unsure && !isRight(one)),
    failed: share(
      all.filter(({ reply }) => reply.failed),
      ({ reply }) => reply.failed!.length > 0,
    ),
  }
  const known = Object.fromEntries(Object.entries(shares).filter(([, value]) => value !== undefined))
  return { questions: all.length, ...known, numbers: all.flatMap(strayNumbers).length }
}

/** Whether an answer is as expected: each part is in it, or it is refused where the files do not answer. */
export function isRight({ question: { parts }, reply }: Replied): boolean {
  return parts.length === 0 ? reply.refused : parts.every((part) => holdsPart(reply, part))
}

/** The words, or FILE:LINE of their place, which is what a question for a place asks. */
function holdsPart({ refused, text }: Reply, { holds, file, lines: [first, last] }: Part): boolean {
  if (refused) return false
  const places = Array.from({ length: last - first + 1 }, (_, n) => `${basename(file)}:${first + n}`)
  return [...holds, ...places].some((words) => holdsWords(text, words))
}

function citesPart({ cited = [] }: Reply, { file, lines: [from, to] }: Part): boolean {
  return cited.some(
    (place) =>
      place.file === file && place.first <= to && from <= place.last && place.last - place.first < MAX_CITED_LINES,
  )
}

function strayNumbers({ question, reply }: Replied): readonly string[] {
  const texts = question.files.map((file) => readFileSync(file, 'utf8'))
  return reply.refused || reply.failed?.length ? [] : numbersNowhere(reply.text, texts)
}

function share<Item>(items: readonly Item[], is: (item: Item) => boolean): number | undefined {
  return mean(items.map((item) => (is(item) ? 1 : 0)))
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}
