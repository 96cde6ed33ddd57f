import { sentenceRanges } from '../../model/text/sentences.ts'
import { clip } from '../protocol/bounds.ts'
import { likenessTo } from './similarity.ts'

type Sentence = { readonly text: string; readonly at: number; readonly likeness: number }

const LEFT_OUT = ' […] '

/** Sentences of the text that are most like the whole of it, in their order, in at most `size` characters; the same each time. */
export function summarise(text: string, size: number): string {
  if (text.length <= size) return text
  const taken: Sentence[] = []
  for (const next of mostLikeFirst(sentencesOf(text))) if (joined([...taken, next]).length <= size) taken.push(next)
  return taken.length === 0 ? clip(text, size) : joined(taken)
}

const mostLikeFirst = (sentences: readonly Sentence[]) =>
  sentences.toSorted((a, b) => b.likeness - a.likeness || a.at - b.at)

function sentencesOf(text: string): readonly Sentence[] {
  const likeness = likenessTo(text)
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
  return at === before + 1 ? ' ' : LEFT_OUT
}
