import type { ReplyPart } from './reply-parts.ts'

/**
 * The text of a round, as far as a front end has it. `id` changes when it begins again. `isBehind`: the reader came in
 * its middle or lost some of it, so the rest comes with the recorded round.
 */
export type RoundText = {
  readonly goal: string
  readonly round: number
  readonly id: string
  readonly restarts: number
  readonly text: string
  readonly isBehind: boolean
}

/** A text, and the parts by which it got there. */
export type Change = { readonly text: RoundText; readonly parts: readonly ReplyPart[] }

export const beginRound = (goal: string, round: number): RoundText => ({
  goal,
  round,
  id: `${goal}.${round}`,
  restarts: 0,
  text: '',
  isBehind: false,
})

/** Adds a piece of the text at the offset `at`; it may overlap the known text. */
export function addDelta(text: RoundText, { text: delta, at }: { readonly text: string; readonly at: number }): Change {
  if (at === 0 && text.text !== '') {
    const again = restartText(text)
    const grown = grow(again.text, delta)
    return { text: grown.text, parts: [...again.parts, ...grown.parts] }
  }
  if (at > text.text.length) return { text: { ...text, isBehind: true }, parts: [] }
  return text.isBehind ? { text, parts: [] } : grow(text, delta.slice(text.text.length - at))
}

/** The model begins this text again. */
export function restartText(text: RoundText): Change {
  const restarts = text.restarts + 1
  const { goal, round } = text
  return {
    text: { ...text, id: `${goal}.${round}.again_${restarts}`, restarts, text: '', isBehind: false },
    parts: text.text === '' ? [] : [{ type: 'text-restart' }],
  }
}

/** Compares the recorded text: a missing end is added, and a different text starts again. */
export function completeRound(text: RoundText, whole: string): Change {
  // a provider may end a text with blanks that are not recorded
  if (text.text !== '' && text.text.trimEnd() === whole.trimEnd())
    return { text: { ...text, text: whole }, parts: [{ type: 'text-end', id: text.id }] }
  const { text: begun, parts: restart } = whole.startsWith(text.text) ? { text, parts: [] } : restartText(text)
  const { text: full, parts } = grow(begun, whole.slice(begun.text.length))
  const end: readonly ReplyPart[] = full.text === '' ? [] : [{ type: 'text-end', id: full.id }]
  return { text: full, parts: [...restart, ...parts, ...end] }
}

function grow(text: RoundText, delta: string): Change {
  if (delta === '') return { text, parts: [] }
  return { text: { ...text, text: text.text + delta }, parts: [{ type: 'text', id: text.id, delta }] }
}
