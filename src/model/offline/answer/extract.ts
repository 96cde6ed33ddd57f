import type { Task } from '../../prompt/task.ts'
import type { Ranked } from '../../rank/ranker.ts'
import { type Candidate, findAll, formAskedFor } from '../reading/candidates.ts'
import { bounded, type Finding, inOrder, quotePassages, refuse } from '../reading/finding.ts'
import { introducedBy, type Reading, type Source } from '../reading/reading.ts'
import { ABOUT } from './answer.ts'

const ITEMS = 5
const MOST_VALUES = 50
const FEW = 3

/**
 * What was asked for, a line each: everything of a known form (addresses, links, dates, versions, numbers, paths), else the
 * list items, or the passages, that are about it, or what the best of them introduces. Refused when there is nothing.
 */
export async function extractItems(task: Task, question: string, reading: Reading): Promise<Finding> {
  const form = formAskedFor(question)
  const values = form ? distinct(findAll(reading, form)).slice(0, task.count ?? MOST_VALUES) : []
  return values.length > 0 ? listValues(values) : listPassages(task, question, reading)
}

function listValues(values: readonly Candidate[]): Finding {
  let text = ''
  const quotes = values.map(({ value, document, start, end }, order) => {
    text += `${order === 0 ? '' : '\n'}- `
    const at = { start: text.length, end: text.length + value.length }
    text += value
    return { document, start, end, at }
  })
  return { text, quotes, confidence: 0.6 }
}

/** The same value counts once, where it stands first. */
export function distinct(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map([...candidates].reverse().map((candidate) => [candidate.value, candidate])).values()].reverse()
}

async function listPassages(task: Task, question: string, reading: Reading): Promise<Finding> {
  const count = task.count ?? ITEMS
  const items = reading.passages.filter(({ kind }) => kind === 'item' || kind === 'row')
  const listed = items.length >= FEW ? await rankAbout(reading.only(items), question, count) : []
  const ranked = listed.length > 0 ? listed : await rankAbout(reading, question, count)
  if (ranked.length === 0) return refuse('nothing in it is about this')
  const introduced = introducedBy(ranked[0]!, reading.passages).slice(0, count)
  const chosen = introduced.length > 0 ? introduced : ranked
  return { ...quotePassages(inOrder(chosen, reading.passages), '- '), confidence: bounded(ranked[0]!.score * 0.6) }
}

async function rankAbout(reading: Reading, question: string, count: number): Promise<Ranked<Source>[]> {
  return (await reading.rank(question, count)).filter(({ score }) => score >= ABOUT)
}
