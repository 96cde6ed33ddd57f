import type { Embedder } from '../../src/model/embed/embedder.ts'
import { chooseByText, rankChoices } from '../../src/model/offline/answer/choose.ts'
import { indexDocuments } from '../../src/model/offline/reading/reading.ts'
import type { Sentences } from './labels.ts'
import { type Sample, sampleOf } from './sample.ts'

type Chosen = {
  readonly text: string
  readonly label: string
  readonly best: string | undefined
  readonly refused: boolean
}

/** How often the best label is the right one, a draw being none; how many the model decides on, and how often that is right. */
export async function measureClasses(
  task: string,
  labels: Sentences,
  method: string,
  embedder?: Embedder,
): Promise<Sample[]> {
  const chosen: Chosen[] = []
  for (const { text, label } of labels.sentences) {
    const reading = indexDocuments([{ name: 'text', text }], { embedder })
    const [first, second] = await rankChoices(labels.choices, reading)
    const { refused } = await chooseByText(labels.choices, reading)
    chosen.push({
      text,
      label,
      best: first && first.score > (second?.score ?? 0) ? first.name : undefined,
      refused: refused !== undefined,
    })
  }
  const decided = chosen.filter(({ refused }) => !refused)
  return [
    sampleOf({ task, measure: 'best is right', method }, chosen, isRight, describe),
    sampleOf({ task, measure: 'decided', method }, chosen, ({ refused }) => !refused, describe),
    sampleOf({ task, measure: 'right of decided', method }, decided, isRight, describe),
  ]
}

/** The first label most of whose words, its description's included, stand in the text. */
export function measureKeywords(task: string, { choices, sentences }: Sentences): Sample[] {
  const bags = Object.entries(choices).map(([label, description]) => ({
    label,
    words: wordsIn(`${label} ${description}`),
  }))
  const chosen = sentences.map(({ text, label }) => {
    const held = wordsIn(text)
    const scored = bags.map((bag) => ({ ...bag, shared: [...bag.words].filter((word) => held.has(word)).length }))
    const first = scored.sort((a, b) => b.shared - a.shared)[0]
    return { text, label, best: first?.shared ? first.label : undefined, refused: false }
  })
  return [sampleOf({ task, measure: 'best is right', method: 'keywords' }, chosen, isRight, describe)]
}

function isRight({ label, best }: Chosen): boolean {
  return label === best
}

function describe({ text, label, best, refused }: Chosen): string {
  return `${label} ← ${text} → ${best}${refused ? ' (refused)' : ''}`
}

function wordsIn(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu))
}
