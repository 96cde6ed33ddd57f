import type { OwnerMemory } from '../../src/memory/memory.ts'
import { EXPORT_FORMAT } from '../../src/memory/transfer/line.ts'
import type { RecallQuestion, RecallSet } from './set.ts'

/** A record that a method found. */
type Found = { readonly id: string; readonly score: number }
/** A way to find records: the best ones for a question, at most `limit`. */
export type Search = (question: Pick<RecallQuestion, 'text' | 'asOf'>, limit: number) => Promise<readonly Found[]>

/** The records that count as found. */
const MAX_FOUND = 10

/** An answer of a method: where the units that answer are among those found, and what is wrong with them. */
export type Answer = {
  readonly ability: string
  /** for each unit that answers: its place from 1 on; 0: not found */
  readonly places: readonly number[]
  /** the score of the best record; 0: none was found */
  readonly best: number
  /** records of other owners */
  readonly leaks: number
  /** whether a record that is no longer true was found */
  readonly isStale: boolean
  readonly canBeStale: boolean
}

/** Stores the records of a set, with their times. */
export async function store({ transfer }: OwnerMemory, { records }: RecallSet, more: object = {}): Promise<void> {
  async function* lines() {
    yield `${JSON.stringify({ format: EXPORT_FORMAT, exportedAt: 0, records: records.length })}\n`
    for (const record of records) yield `${JSON.stringify({ ...record, ...more })}\n`
  }
  await transfer.import(lines())
}

/** Asks all questions of a set. */
export async function askAll(
  { records, questions, unitOf = (id) => id }: RecallSet,
  search: Search,
): Promise<readonly Answer[]> {
  const own = new Set(records.map(({ id }) => id))
  const answers: Answer[] = []
  for (const question of questions) {
    const { ability, gold, stale } = question
    const found = await search(question, MAX_FOUND)
    const units = [...new Set(found.map(({ id }) => unitOf(id)))]
    answers.push({
      ability,
      places: gold.map((unit) => units.indexOf(unit) + 1),
      best: found[0]?.score ?? 0,
      leaks: found.filter(({ id }) => !own.has(id)).length,
      isStale: found.some(({ id }) => stale?.includes(id)),
      canBeStale: stale !== undefined,
    })
  }
  return answers
}

/** The figures of some answers. Shares are from 0 to 1; `recall`: the share of the units that are among the best ones. */
export type Figures = {
  readonly questions: number
  readonly recall1: number
  readonly recall5: number
  readonly recall10: number
  /** the mean of 1 / place of the first unit that answers */
  readonly mrr: number
}

export function figuresOf(answers: readonly Answer[]): Figures {
  const recall = (most: number) =>
    mean(answers.map(({ places }) => mean(places.map((place) => (place > 0 && place <= most ? 1 : 0)))))
  const first = ({ places }: Answer) => Math.min(...places.filter((place) => place > 0))
  return {
    questions: answers.length,
    recall1: recall(1),
    recall5: recall(5),
    recall10: recall(10),
    mrr: mean(answers.map((answer) => 1 / first(answer))),
  }
}

/**
 * How well the score of the best record tells questions apart that cannot be answered: the share of pairs in which the
 * question with an answer has the higher score. 0.5 is chance.
 */
export function separation(answers: readonly Answer[]): number | undefined {
  const [without, some] = [true, false].map((is) => answers.filter(({ places }) => (places.length === 0) === is))
  if (!without?.length || !some?.length) return undefined
  return mean(
    some.flatMap(({ best }) => without.map((other) => (best > other.best ? 1 : best === other.best ? 0.5 : 0))),
  )
}

export const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
