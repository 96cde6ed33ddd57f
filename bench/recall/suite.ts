import { FACTS, FILLER, FIRST, LAST, NOTES, THINGS } from './sentences.ts'
import { createRandom, type RecallQuestion, type RecallSet, shuffled } from './set.ts'

export type SuiteSize = {
  readonly seed: number
  readonly owners: number
  readonly records: number
  readonly questions: number
}

const DAY = 86_400_000
const BEGIN = Date.UTC(2026, 0, 1)
/** The time at which the questions are asked. */
export const SUITE_NOW = BEGIN + 300 * DAY
const PEOPLE = FIRST.flatMap((first) => LAST.map((last) => `${first} ${last}`))
const fill = (text: string, words: { readonly [name: string]: string }) =>
  text.replace(/\{(\w)\}/g, (_, name: string) => words[name]!)

/**
 * The seeded suite: owners with notes and facts about the same people, of which each owner knows other things. A note
 * is asked for with its words and with others, a fact as of now and as of an earlier time. Some questions are about
 * people of whom only other owners know.
 */
export function createSuite({ seed, owners, records, questions }: SuiteSize): readonly RecallSet[] {
  return Array.from({ length: owners }, (_, place) => createSet(`owner-${place}`, seed + place, { records, questions }))
}

type Made = { readonly records: RecallSet['records'][number][]; readonly questions: RecallQuestion[] }

function createSet(owner: string, seed: number, size: Pick<SuiteSize, 'records' | 'questions'>): RecallSet {
  const random = createRandom(seed)
  const people = shuffled(PEOPLE, random)
  const known = people.slice(0, Math.ceil(people.length * 0.6))
  const strangers = people.slice(known.length)
  const made: Made = { records: [], questions: [] }
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)]!
  const add = (record: { text: string; subject?: string; validFrom?: number }, learnedAt: number) => {
    const id = `${owner}/${made.records.length}`
    made.records.push({ id, learnedAt, ...record })
    return id
  }
  const moment = () => BEGIN + Math.floor(random() * 200) * DAY
  for (const p of known)
    for (const fact of FACTS) {
      if (made.records.length > size.records * 0.4) break
      addFact(made, fact, { p, pick, add, random })
    }
  for (const note of shuffled(
    NOTES.flatMap((sentence) => known.map((p) => ({ sentence, p }))),
    random,
  )) {
    if (made.records.length >= size.records * 0.85) break
    const { sentence, p } = note
    const gold = [add({ text: fill(sentence.text, { p, v: pick(sentence.values) }) }, moment())]
    made.questions.push({ ability: 'shared words', text: fill(sentence.shared, { p }), gold })
    made.questions.push({ ability: 'paraphrase', text: fill(sentence.other, { p }), gold })
  }
  while (made.records.length < size.records)
    add({ text: fill(pick(FILLER), { a: pick(THINGS), b: pick(THINGS) }) }, moment())
  for (const p of strangers)
    made.questions.push({ ability: 'cannot be answered', text: fill(pick(NOTES).shared, { p }), gold: [] })
  const byAbility = Object.values(Object.groupBy(shuffled(made.questions, random), ({ ability }) => ability))
  return { owner, records: made.records, questions: byAbility.flatMap((all = []) => all.slice(0, size.questions)) }
}

type Making = {
  readonly p: string
  pick<Item>(items: readonly Item[]): Item
  add(record: { text: string; subject?: string; validFrom?: number }, learnedAt: number): string
  random(): number
}

/** Two or three versions of a fact. A version may be learned late: it is then true before one that is known already. */
function addFact({ questions }: Made, fact: (typeof FACTS)[number], { p, pick, add, random }: Making): void {
  const values = shuffled(fact.values, random).slice(0, 2 + Math.floor(random() * 2))
  const versions = values.map((v, place) => {
    const validFrom = BEGIN + (place * 60 + Math.floor(random() * 50)) * DAY
    const isLate = random() < 0.2
    const words = { text: fill(fact.text, { p, v }), subject: fill(fact.subject, { p }), validFrom }
    return { validFrom, id: add(words, isLate ? BEGIN + 250 * DAY : validFrom) }
  })
  const text = fill(fact.shared, { p })
  const ids = versions.map(({ id }) => id)
  questions.push({ ability: 'fact now', text, gold: ids.slice(-1), stale: ids.slice(0, -1) })
  const { validFrom: asOf, id } = pick(versions.slice(0, -1))
  questions.push({ ability: 'fact as of', text, asOf, gold: [id], stale: ids.filter((other) => other !== id) })
}
