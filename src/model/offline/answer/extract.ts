import type { ModelTask } from '../../prompt/task.ts'
import type { Ranked } from '../../rank/ranker.ts'
import { type FormMatch, findMatches, formOfQuestion } from '../reading/candidates.ts'
import type { IndexedDocuments, OfflineFinding, SourcePassage } from '../reading/reading.ts'
import {
  boundConfidence,
  inReadingOrder,
  introducedPassages,
  quotePassages,
  refusedFinding,
} from '../reading/reading.ts'
import { MIN_RELEVANCE } from './answer.ts'

const DEFAULT_ITEMS = 5
const MAX_VALUES = 50
const MIN_LIST_ITEMS = 3

/**
 * Extracts items, one per line: all values of a known form (addresses, links,
 * dates, versions, numbers, paths), else the list items or passages about the
 * subject, or the list that the best passage introduces. Refuses if there are none.
 */
export async function extractItems(
  task: ModelTask,
  question: string,
  reading: IndexedDocuments,
): Promise<OfflineFinding> {
  const form = formOfQuestion(question)
  const values = form ? distinctMatches(findMatches(reading, form)).slice(0, task.count ?? MAX_VALUES) : []
  return values.length > 0 ? listValues(values) : listPassages(task, question, reading)
}

function listValues(values: readonly FormMatch[]): OfflineFinding {
  let text = ''
  const quotes = values.map(({ value, document, start, end }, order) => {
    text += `${order === 0 ? '' : '\n'}- `
    const at = { start: text.length, end: text.length + value.length }
    text += value
    return { document, start, end, at }
  })
  return { text, quotes, confidence: 0.6 }
}

/** A repeated value counts once, at its first place. */
export function distinctMatches(candidates: readonly FormMatch[]): FormMatch[] {
  return [...new Map([...candidates].reverse().map((candidate) => [candidate.value, candidate])).values()].reverse()
}

async function listPassages(task: ModelTask, question: string, reading: IndexedDocuments): Promise<OfflineFinding> {
  const count = task.count ?? DEFAULT_ITEMS
  const items = reading.passages.filter(({ kind }) => kind === 'item' || kind === 'row')
  const listed = items.length >= MIN_LIST_ITEMS ? await rankAbout(reading.only(items), question, count) : []
  const ranked = listed.length > 0 ? listed : await rankAbout(reading, question, count)
  if (ranked.length === 0) return refusedFinding('nothing in it is about this')
  const introduced = introducedPassages(ranked[0]!, reading.passages).slice(0, count)
  const chosen = introduced.length > 0 ? introduced : ranked
  return {
    ...quotePassages(inReadingOrder(chosen, reading.passages), '- '),
    confidence: boundConfidence(ranked[0]!.score * 0.6),
  }
}

async function rankAbout(reading: IndexedDocuments, question: string, count: number): Promise<Ranked<SourcePassage>[]> {
  return (await reading.rank(question, count)).filter(({ score }) => score >= MIN_RELEVANCE)
}
