import { sentenceRanges } from '../../model/text/sentences.ts'
import { truncate } from '../../model/text/strings.ts'
import { similarityTo } from './similarity.ts'

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
