import type { Hit } from '../../thread/protocol/phase-types.ts'
import type { PlaceStep } from '../protocol/phase.ts'

const PAGES = 'slide|frame|scene|picture|page'
const PASSAGES = 'segment|chapter|subtitle|sentence|passage'
const STEP = new RegExp(
  `\\b(next|following|previous|preceding) (?:(${PAGES})|(?:${PASSAGES}))\\b|\\b(${PAGES}|${PASSAGES}) (after|before) (?:it|that|this)\\b`,
  'i',
)
const BACK = /^(?:previous|preceding|before)$/i
const isPage = (word: string): boolean => new RegExp(`^(?:${PAGES})$`, 'i').test(word)

/** The step that `And on the next slide?` takes from the current hit. Undefined for any other question. */
export function stepOf(question: string, from: Hit | undefined): PlaceStep | undefined {
  const found = from && STEP.exec(question)
  if (!found) return undefined
  const [, before, page, noun = page ?? '', after = before!] = found
  return { from, to: BACK.test(after) ? 'previous' : 'next', by: isPage(noun) ? 'page' : 'passage' }
}
