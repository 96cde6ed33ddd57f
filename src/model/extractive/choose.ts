import { bounded, type Finding, refuse } from './finding.ts'
import { similarity } from './rank.ts'
import type { Reading } from './reading.ts'
import { termsOf } from './terms.ts'

/** Names to choose from with what each of them means. */
export type Choices = { readonly [name: string]: string }

/** A shared word counts so much beside the cosine of meanings; what is closer than the margin is not decided. */
const WORD = 0.12
const MARGIN = 0.12
const MOST_WORDS = 4

/** What common names mean that are used without a description. */
const WELL_KNOWN: Choices = {
  positive:
    'good great excellent fast reliable pleasant helpful easy happy love like enjoy perfect nice works well recommend thanks',
  negative:
    'bad poor broken failure wrong slow useless confusing sadly unfortunately terrible hate disappointed problem error crash annoying',
  neutral: 'plain factual statement',
}

/** The choice whose name and description fit the text best; refused when two are too close or none fits. */
export async function chooseFrom(choices: Choices, reading: Reading): Promise<Finding> {
  const text = reading.excerpts.map((excerpt) => excerpt.text).join('\n')
  const scores = await scoreChoices(choices, text, reading)
  const [first, second] = Object.keys(choices)
    .map((name, at) => ({ name, score: scores[at]! }))
    .sort((a, b) => b.score - a.score)
  const margin = first ? first.score - (second?.score ?? 0) : 0
  if (!first || margin < MARGIN - 1e-9) return refuse('it does not tell the choices apart')
  return { text: first.name, quotes: [], confidence: bounded(0.3 + margin) }
}

async function scoreChoices(choices: Choices, text: string, reading: Reading): Promise<number[]> {
  const labels = Object.entries(choices).map(([name, description]) => labelOf(name, description))
  const words = wordScores(labels, text)
  if (!reading.embedder) return words
  const [meaning, ...meanings] = await reading.embedder.embed([text, ...labels])
  return words.map((score, at) => score + similarity(meaning!, meanings[at]!))
}

function labelOf(name: string, description: string): string {
  const meaning = description || WELL_KNOWN[name.toLowerCase()]
  return meaning ? `${name}: ${meaning}` : name
}

/** Words of a choice that the text has; one that several choices share tells less. */
function wordScores(labels: readonly string[], text: string): number[] {
  const held = new Set(termsOf(text))
  const bags = labels.map((label) => new Set(termsOf(label)))
  return bags.map((bag) => {
    const found = [...bag].filter((term) => held.has(term))
    const weight = found.reduce((sum, term) => sum + 1 / bags.filter((other) => other.has(term)).length, 0)
    return WORD * Math.min(MOST_WORDS, weight)
  })
}
