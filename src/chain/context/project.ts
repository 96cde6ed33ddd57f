import { clip } from '../protocol/bounds.ts'
import { answerNumber, type Context, promptNumber, type Shown, type Treatment } from '../protocol/context-operations.ts'
import type { HistoryEntry } from '../protocol/phase-types.ts'
import { withoutCitations } from '../retrieval/citations.ts'
import { askedIn, nearnessOf } from './relevance.ts'
import { summarise } from './summary.ts'

/** An earlier exchange by the number of its ask. */
export type Remembered = Required<Exchange>

/** What a prompt gets of a thread, and what is done to its messages for that. */
export type Projected = { readonly history: readonly HistoryEntry[]; readonly context: Context }

type Texts = ReadonlyMap<number, string>
type Wanting = Treatment & Required<Pick<Treatment, 'wanted'>>

/** An answer that has so much of what is asked is left as it is. */
const ASKED_FOR = 0.3

/**
 * What of earlier exchanges enters the prompt of a question, in `size` characters. What users decided is done in any case; what is wanted of
 * answers only where there is no room for all, to what matters least first, and to none that speaks of the question.
 */
export function projectContext(
  exchanges: readonly Remembered[],
  context: Context,
  { question, size }: { readonly question: string; readonly size: number },
): Projected {
  const decided = context.filter(({ decided }) => decided).reduce(treatDecided, textsOf(exchanges))
  const fits = sizeOf(decided) <= size
  const { texts, done } = fits
    ? { texts: decided, done: NOBODY }
    : makeRoom(decided, wantingIn(context, decided, question), size)
  const history = projectHistory(
    exchanges.map((one) => withTexts(one, texts)),
    size,
  )
  return { history, context: context.map((one) => (one.decided ? one : toldOf(one, done))) }
}

const NOBODY: ReadonlySet<number> = new Set()

function textsOf(exchanges: readonly Remembered[]): Texts {
  return new Map(
    exchanges.flatMap(({ n, prompt, answer }) => [
      [promptNumber(n), prompt] as const,
      [answerNumber(n), withoutCitations(answer)] as const,
    ]),
  )
}

function withTexts({ n }: Remembered, texts: Texts): Remembered {
  return { n, prompt: texts.get(promptNumber(n)) ?? '', answer: texts.get(answerNumber(n)) ?? '' }
}

const sizeOf = (texts: Texts) => [...texts.values()].reduce((sum, { length }) => sum + length, 0)

const treatDecided = (texts: Texts, { message, inPrompts, size }: Treatment) => treat(texts, message, inPrompts, size)

function treat(texts: Texts, message: number, as: Shown, size: number | undefined): Texts {
  const text = texts.get(message)
  return text === undefined ? texts : new Map(texts).set(message, shownAs(text, as, size))
}

function shownAs(text: string, as: Shown, size = text.length): string {
  if (as === 'removed') return ''
  return as === 'summary' ? summarise(text, size) : text
}

/** The answers of which something is wanted, those that matter least first, but for the newest and for what speaks of the question. */
function wantingIn(context: Context, texts: Texts, question: string): readonly Wanting[] {
  const newest = Math.max(...texts.keys())
  const asked = askedIn(question)
  const isFree = ({ message }: Treatment) => nearnessOf(texts.get(message) ?? '', asked) < ASKED_FOR
  const wanting = context.filter((one): one is Wanting => one.wanted !== undefined && !one.decided)
  const free = wanting.filter((one) => one.message < newest && isFree(one))
  return free.toSorted((a, b) => a.wanted.relevance - b.wanted.relevance || a.message - b.message)
}

function makeRoom(whole: Texts, wanting: readonly Wanting[], size: number) {
  const [done, texts] = wanting.reduce<readonly [ReadonlySet<number>, Texts]>(
    ([done, texts], { message, wanted }) =>
      sizeOf(texts) <= size
        ? [done, texts]
        : [new Set(done).add(message), treat(texts, message, wanted.as, wanted.size)],
    [NOBODY, whole],
  )
  return { done, texts }
}

function toldOf({ inPrompts, ...one }: Treatment, done: ReadonlySet<number>): Treatment {
  return { ...one, inPrompts: done.has(one.message) ? (one.wanted?.as ?? inPrompts) : 'whole' }
}

/** An exchange that was completed, by the number of its ask. */
type Exchange = { readonly n?: number; readonly prompt: string; readonly answer: string }

/**
 * What of earlier exchanges enters a prompt: the latest ones that fit into `size` characters, in their order, whole
 * prompts and final answers and nothing else. Of an only one that is too long, the beginnings.
 */
export function projectHistory(exchanges: readonly Exchange[], size: number): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = []
  let left = size
  for (const { n, prompt, answer: cited } of [...exchanges].reverse()) {
    const answer = withoutCitations(cited)
    left -= prompt.length + answer.length
    if (left < 0 && entries.length > 0) break
    const most = left < 0 ? Math.floor(size / 2) : size
    const numbers = n === undefined ? [] : [promptNumber(n), answerNumber(n)]
    entries.unshift(entry('user', prompt, most, numbers[0]), entry('assistant', answer, most, numbers[1]))
    if (left < 0) break
  }
  return entries.filter(({ text }) => text !== '')
}

function entry(role: HistoryEntry['role'], text: string, most: number, n: number | undefined): HistoryEntry {
  const length = text.length > most ? { length: text.length } : {}
  return { role, text: clip(text, most), ...(n !== undefined && { n }), ...length }
}
