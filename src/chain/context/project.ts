import { sentenceRanges } from '../../model/text/sentences.ts'
import { truncate } from '../../model/text/strings.ts'
import type { MessageTreatment, Treatments, Visibility } from '../../thread/protocol/context-operations.ts'
import { answerMessage, promptMessage } from '../../thread/protocol/context-operations.ts'
import type { HistoryEntry } from '../../thread/protocol/phase-types.ts'
import { stripCitations } from '../retrieval/citations.ts'
import { questionTermsOf, termCoverage } from './relevance.ts'
import { similarityTo } from './similarity.ts'

/** An earlier exchange with the number of its ask. */
type PastExchange = Required<Exchange>

/** The part of a thread's history that a prompt gets, and the treatments applied to it. */
export type ProjectedContext = { readonly history: readonly HistoryEntry[]; readonly context: Treatments }

type Texts = ReadonlyMap<number, string>
type Wanting = MessageTreatment & Required<Pick<MessageTreatment, 'wanted'>>

/** An answer that covers this share of the question's terms is shown whole. */
const MIN_COVERAGE_TO_KEEP = 0.3

/**
 * Selects what enters the prompt of an ask from earlier exchanges, in `size` characters. Decisions
 * of users always apply. Requested changes to answers apply only if space is short, least relevant
 * answers first, and never to an answer related to the question.
 */
export function projectContext(
  exchanges: readonly PastExchange[],
  context: Treatments,
  { question, size }: { readonly question: string; readonly size: number },
): ProjectedContext {
  const decided = context.filter(({ decided }) => decided).reduce(treatDecided, textsOf(exchanges))
  const fits = sizeOf(decided) <= size
  const { texts, done } = fits
    ? { texts: decided, done: NO_MESSAGES }
    : dropOldestPrompts(decided, wantingIn(context, decided, question), size)
  const history = projectHistory(
    exchanges.map((one) => withTexts(one, texts)),
    size,
  )
  return { history, context: context.map((one) => (one.decided ? one : toldOf(one, done))) }
}

const NO_MESSAGES: ReadonlySet<number> = new Set()

function textsOf(exchanges: readonly PastExchange[]): Texts {
  return new Map(
    exchanges.flatMap(({ n, prompt, answer }) => [
      [promptMessage(n), prompt] as const,
      [answerMessage(n), stripCitations(answer)] as const,
    ]),
  )
}

function withTexts({ n }: PastExchange, texts: Texts): PastExchange {
  return { n, prompt: texts.get(promptMessage(n)) ?? '', answer: texts.get(answerMessage(n)) ?? '' }
}

const sizeOf = (texts: Texts) => [...texts.values()].reduce((sum, { length }) => sum + length, 0)

const treatDecided = (texts: Texts, { message, inPrompts, size }: MessageTreatment) =>
  treat(texts, message, inPrompts, size)

function treat(texts: Texts, message: number, as: Visibility, size: number | undefined): Texts {
  const text = texts.get(message)
  return text === undefined ? texts : new Map(texts).set(message, shownAs(text, as, size))
}

function shownAs(text: string, as: Visibility, size = text.length): string {
  if (as === 'removed') return ''
  return as === 'summary' ? summarise(text, size) : text
}

/** The answers with a requested change, the least relevant first, but for the newest and those on the question. */
function wantingIn(context: Treatments, texts: Texts, question: string): readonly Wanting[] {
  const newest = Math.max(...texts.keys())
  const asked = questionTermsOf(question)
  const isFree = ({ message }: MessageTreatment) => termCoverage(texts.get(message) ?? '', asked) < MIN_COVERAGE_TO_KEEP
  const wanting = context.filter((one): one is Wanting => one.wanted !== undefined && !one.decided)
  const free = wanting.filter((one) => one.message < newest && isFree(one))
  return free.toSorted((a, b) => a.wanted.relevance - b.wanted.relevance || a.message - b.message)
}

function dropOldestPrompts(whole: Texts, wanting: readonly Wanting[], size: number) {
  const [done, texts] = wanting.reduce<readonly [ReadonlySet<number>, Texts]>(
    ([done, texts], { message, wanted }) =>
      sizeOf(texts) <= size
        ? [done, texts]
        : [new Set(done).add(message), treat(texts, message, wanted.as, wanted.size)],
    [NO_MESSAGES, whole],
  )
  return { done, texts }
}

function toldOf({ inPrompts, ...one }: MessageTreatment, done: ReadonlySet<number>): MessageTreatment {
  return { ...one, inPrompts: done.has(one.message) ? (one.wanted?.as ?? inPrompts) : 'whole' }
}

type Exchange = { readonly n?: number; readonly prompt: string; readonly answer: string }

/**
 * The earlier exchanges that enter a prompt: the latest that fit into `size` characters, in their order, as whole
 * prompts and final answers. A single exchange that is too long enters with the beginnings of both.
 */
export function projectHistory(exchanges: readonly Exchange[], size: number): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = []
  let left = size
  for (const { n, prompt, answer: cited } of [...exchanges].reverse()) {
    const answer = stripCitations(cited)
    left -= prompt.length + answer.length
    if (left < 0 && entries.length > 0) break
    const most = left < 0 ? Math.floor(size / 2) : size
    const numbers = n === undefined ? [] : [promptMessage(n), answerMessage(n)]
    const [asked, said] = numbers
    entries.unshift(historyEntry('user', prompt, most, asked), historyEntry('assistant', answer, most, said))
    if (left < 0) break
  }
  return entries.filter(({ text }) => text !== '')
}

/** A message, or its beginning with the full length beside it. */
export function historyEntry(role: HistoryEntry['role'], text: string, most: number, n?: number): HistoryEntry {
  const length = text.length > most ? { length: text.length } : {}
  return { role, text: truncate(text, most), ...(n !== undefined && { n }), ...length }
}

/** The parts of earlier messages that prompts do not have, one sentence each. */
export function historyLosses(history: readonly HistoryEntry[]): readonly string[] {
  return history.flatMap(({ n, text, length }) =>
    length === undefined ? [] : [`prompts have only the first ${text.length} of ${length} characters of message ${n}`],
  )
}

type Sentence = { readonly text: string; readonly at: number; readonly likeness: number }

const OMISSION = ' […] '

/** The sentences most similar to the whole text, in order, in at most `size` characters. Deterministic. */
export function summarise(text: string, size: number): string {
  if (text.length <= size) return text
  const taken: Sentence[] = []
  for (const next of mostLikeFirst(sentencesOf(text))) if (joined([...taken, next]).length <= size) taken.push(next)
  return taken.length === 0 ? truncate(text, Math.max(0, size)) : joined(taken)
}

const mostLikeFirst = (sentences: readonly Sentence[]) =>
  sentences.toSorted((a, b) => b.likeness - a.likeness || a.at - b.at)

function sentencesOf(text: string): readonly Sentence[] {
  const likeness = similarityTo(text)
  return sentenceRanges(text, { start: 0, end: text.length }).map(({ start, end }, at) => {
    const sentence = text.slice(start, end)
    return { text: sentence, at, likeness: likeness(sentence) }
  })
}

function joined(sentences: readonly Sentence[]): string {
  const inOrder = sentences.toSorted((a, b) => a.at - b.at)
  return inOrder.map(({ text, at }, place) => `${gapBefore(at, inOrder[place - 1]?.at)}${text}`).join('')
}

function gapBefore(at: number, before: number | undefined): string {
  if (before === undefined) return ''
  return at === before + 1 ? ' ' : OMISSION
}
