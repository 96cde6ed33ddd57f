import type { Modality } from '../../thread/protocol/modality.ts'
import type { ExperienceState } from '../../thread/protocol/phase-states.ts'
import type { Hit } from '../../thread/protocol/phase-types.ts'
import { keepLast } from '../protocol/bounds.ts'
import type { PlaceStep } from '../protocol/phase.ts'
import { readCodeQuestion } from './code-question.ts'

/** The most hits that a thread keeps for its follow-ups. */
const MAX_KEPT = 8
/** The names of the hits that a thread keeps, and of the one that a follow-up is about, by its modality. */
const NAMES = {
  code: ['snippets', 'currentSnippet'],
  audio: ['segments', 'currentSegment'],
  video: ['frames', 'currentFrame'],
  image: ['regions', 'currentRegion'],
  multimodal: ['parts', 'currentPart'],
} as const satisfies { readonly [name in Modality]?: readonly [keyof ExperienceState, keyof ExperienceState] }
const hasNames = (modality: Modality): modality is keyof typeof NAMES => modality in NAMES
const NAME = /`([\w$.]{1,80})`|\b(?:function|class|def|fn|func|interface|struct|enum|trait)\s+([\w$]{1,80})/
/** Words for the code that was asked about before. */
const SAME = /\b(?:it|(?:this|that|the same) (?:function|method|class|code|one))\b/i
/** A name of code in the question: then it is not about the code before. */
const OWN_NAME = /`|\w\(|[a-z][A-Z]|\w_\w/

/** The hits of a thread after those of an ask, newest last. The current one is a fact that answers, or the first. */
export function keepHits(state: ExperienceState, modality: Modality, hits: readonly Hit[]): Partial<ExperienceState> {
  const current = hits.find(({ fact }) => fact !== undefined) ?? hits[0]
  if (!current || !hasNames(modality)) return {}
  const [all, one] = NAMES[modality]
  const isNew = ({ file, line }: Hit) => !hits.some((hit) => hit.file === file && hit.line === line)
  const known = (state[all] ?? []).filter(isNew)
  return { [all]: keepLast([...known, ...hits.toReversed()], MAX_KEPT), [one]: current }
}

/** The hit that a follow-up about a place, such as `And on the next slide?`, begins from. */
export function currentHit(state: ExperienceState, modality: Modality): Hit | undefined {
  return (hasNames(modality) ? state[NAMES[modality][1]] : undefined) ?? state.retrievedContext[0]
}

/** `And what does it throw?` with the name of the current snippet in place of `it`; any other question as it is. */
export function nameSnippet(question: string, { currentSnippet }: ExperienceState): string {
  const [, quoted, defined] = NAME.exec(currentSnippet?.text ?? '') ?? []
  // `Who calls put?` was about `put`, and the fact begins with a caller
  const about = readCodeQuestion(currentSnippet?.fact ?? '')?.name
  const name = about ?? quoted ?? defined
  if (name === undefined || OWN_NAME.test(question) || !SAME.test(question)) return question
  return question.replace(SAME, name).replace(/^and /i, '')
}

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
