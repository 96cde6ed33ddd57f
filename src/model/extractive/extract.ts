import type { Task } from '../task.ts'
import { ABOUT } from './answer.ts'
import { type Candidate, findAll, formAskedFor } from './candidates.ts'
import { bounded, type Finding, inOrder, quotePassages, refuse } from './finding.ts'
import type { Reading, Source } from './reading.ts'

const ITEMS = 5
const MOST_VALUES = 50
const FEW = 3

/**
 * What was asked for, a line each: everything of a known form (addresses, links, dates, versions, numbers, paths), else the
 * list items or, where there are few, the passages that are about it. Refused when there is nothing.
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
  const items = reading.passages.filter(({ kind }) => kind === 'item' || kind === 'row')
  const among = items.length >= FEW ? reading.only(items) : reading
  const ranked = await among.rank(question, task.count ?? ITEMS)
  const about: readonly Source[] = ranked.filter(({ score }) => score >= ABOUT)
  if (about.length === 0) return refuse('nothing in it is about this')
  return { ...quotePassages(inOrder(about, reading.passages), '- '), confidence: bounded(ranked[0]!.score * 0.6) }
}
