import { ownValue } from '../../../lib/own.ts'
import { cosineSimilarity } from '../../rank/ranker.ts'
import { termsOf } from '../../text/terms.ts'
import { boundConfidence, type IndexedDocuments, type OfflineFinding, refusedFinding } from '../reading/reading.ts'

export type ChoiceMeanings = { readonly [name: string]: string }

/** The weight of a shared word, relative to the cosine of meanings. */
const SHARED_WORD_WEIGHT = 0.12
/** A smaller margin means no decision. This one decides two of three sentences, 19 of 20 of them correctly. */
const MIN_MARGIN = 0.12
const MIN_MARGIN_BY_MEANING = 0.08
const MAX_COUNTED_WORDS = 4

/** The choice whose name and description fit the text best. Refused when two are too close, or none fits. */
export async function chooseByText(choices: ChoiceMeanings, reading: IndexedDocuments): Promise<OfflineFinding> {
  const [first, second] = await rankChoices(choices, reading)
  const margin = first ? first.score - (second?.score ?? 0) : 0
  if (!first || margin < (reading.embedder ? MIN_MARGIN_BY_MEANING : MIN_MARGIN) - 1e-9)
    return refusedFinding('it does not tell the choices apart')
  return { text: first.name, quotes: [], confidence: boundConfidence(0.3 + margin) }
}

/** The choices, each with its score for the text, best first. */
export async function rankChoices(
  choices: ChoiceMeanings,
  reading: IndexedDocuments,
): Promise<readonly { readonly name: string; readonly score: number }[]> {
  const text = reading.excerpts.map((excerpt) => excerpt.text).join('\n')
  const scores = await scoreChoices(choices, text, reading)
  return Object.keys(choices)
    .map((name, at) => ({ name, score: scores[at]! }))
    .sort((a, b) => b.score - a.score)
}

async function scoreChoices(choices: ChoiceMeanings, text: string, reading: IndexedDocuments): Promise<number[]> {
  const words = wordScores(labelsOf(choices, 'words'), text)
  if (!reading.embedder) return words
  const [meaning, ...meanings] = await reading.embedder.embed([text, ...labelsOf(choices, 'meaning')])
  return words.map((score, at) => score + cosineSimilarity(meaning!, meanings[at]!))
}

/** Each choice as a text: its description, or the usual meaning of its name. */
function labelsOf(choices: ChoiceMeanings, side: keyof WellKnownChoice): string[] {
  return Object.entries(choices).map(([name, description]) => {
    const said = description || ownValue(WELL_KNOWN_CHOICES, name.toLowerCase())?.[side]
    return said ? `${name}: ${said}` : name
  })
}

/** Scores the words of a choice that the text contains; a word that several choices share counts less. */
function wordScores(labels: readonly string[], text: string): number[] {
  const held = new Set(termsOf(text))
  const bags = labels.map((label) => new Set(termsOf(label)))
  return bags.map((bag) => {
    const found = [...bag].filter((term) => held.has(term))
    const weight = found.reduce((sum, term) => sum + 1 / bags.filter((other) => other.has(term)).length, 0)
    return SHARED_WORD_WEIGHT * Math.min(MAX_COUNTED_WORDS, weight)
  })
}

/** The meaning of a common choice: a short description, and words that indicate it. */
type WellKnownChoice = { readonly meaning: string; readonly words: string }

/** Usual names of choices without a description. */
const WELL_KNOWN_CHOICES: { readonly [name: string]: WellKnownChoice } = {
  positive: {
    meaning: 'good, excellent, happy, satisfied, love it, works well',
    words:
      'good great excellent fast reliable pleasant helpful easy happy love like enjoy perfect nice well recommend thanks amazing awesome ' +
      'beautiful best better bright brilliant charming cheerful clean clever comfortable convenient cosy delicious delight easily effective ' +
      'efficient elegant exceed fabulous fair fantastic favourite fine flawless fresh friendly fun generous gentle glad gorgeous grateful ' +
      'handy impress incredible inspire intuitive joy kind laugh lovely lucky magnificent marvellous outstanding pleased pleasure polite ' +
      'powerful praise prompt proud quick refreshing safe satisfied simple smile solid solve spotless stunning sturdy ' +
      'success super superb sweet tasty terrific thank thoughtful useful valuable warm welcome win wonderful worth',
  },
  negative: {
    meaning: 'bad, terrible, angry, disappointed, broken, a complaint',
    words:
      'bad poor broken failure wrong slow useless confusing sadly unfortunately terrible hate disappointed problem error crash annoying ' +
      'angry apology arrogant ashamed avoid awful awkward bland boring break bug careless cheap cheat complain complicated crack cramped ' +
      'cruel damage dangerous dead defect delay die difficult dirty disaster disgusting dishonest dreadful dull expensive fail fake false faulty ' +
      'fault flaw frustrate garbage greasy hard harm horrible hurt ignore inferior issue junk lack late lazy lie ' +
      'lose loud mediocre mess mislead miss mistake nasty never nightmare noisy outdated overpriced pain pathetic pity refuse refund ' +
      'regret reject rip rotten rude ruin sad scam shame shabby sorry steal stink stuck stupid suffer tear tired trouble ' +
      'ugly unbearable uncomfortable unfair unfriendly unhappy unhelpful unpleasant unreliable unusable upset waste weak wear worse worst worthless',
  },
  neutral: { meaning: 'plain factual statement', words: '' },
}
