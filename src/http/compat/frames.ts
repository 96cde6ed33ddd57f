import type { NumberedEvent } from '../../engine/engine.ts'
import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ChainEvent } from '../../thread/protocol/ask-state.ts'
import type { Hit, PhaseName } from '../../thread/protocol/phase-types.ts'
import type { Sent } from '../wire/sse.ts'
import { upstreamPhase } from './phase-names.ts'

export type AskReference = { readonly thread: string; readonly id: string }

/** The phases that have begun and not ended, with their cycle, in the order of their beginning. */
export type Open = readonly { readonly phase: PhaseName; readonly cycle: number }[]

type Fields = { readonly [name: string]: Json | undefined }
/** The result of one event: the active phases after it, and the frames to send. */
type Step = { readonly open: Open; readonly frames: readonly { readonly event?: string; readonly data: Fields }[] }

/**
 * Translates an event into upstream frames. The last frame carries the event's number. Every started phase ends exactly
 * once, including a cancelled one, which the chain does not report.
 */
export function nextFrames(
  of: AskReference,
  open: Open,
  { n, body }: NumberedEvent,
): { readonly open: Open; readonly frames: readonly Sent[] } {
  const event = body as ChainEvent
  const step = stepOf(open, event)
  const last = step.frames.length - 1
  const common = commonOf(of, n, event.at)
  const frames = step.frames.map(({ event, data }, place) => ({
    ...(place === last && { id: n }),
    ...(event !== undefined && { event }),
    data: { ...data, ...common },
  }))
  return { open: step.open, frames }
}

/** The fields of every frame besides upstream's own. */
function commonOf({ thread, id }: AskReference, seq: number, at: number | undefined): Fields {
  return { v: 1, run_id: id, thread_id: thread, seq, ...(at !== undefined && { ts: new Date(at).toISOString() }) }
}

function stepOf(open: Open, event: ChainEvent): Step {
  switch (event.type) {
    case 'phase-start':
      return { open: [...open, event], frames: [{ data: begun(event) }] }
    case 'phase-end':
      return {
        open: open.filter(({ phase, cycle }) => phase !== event.phase || cycle !== event.cycle),
        frames: [{ data: ended(event) }],
      }
    case 'decision':
      return { open: [], frames: [...open.map(calledOff), { event: 'decision', data: decided(event) }] }
    case 'ask-end':
      return { open: [], frames: [...open.map((phase) => calledOff(phase, event.problem)), over(event)] }
    default:
      return { open, frames: [] }
  }
}

type Of<Type extends ChainEvent['type']> = Extract<ChainEvent, { readonly type: Type }>

function begun({ phase, cycle }: Of<'phase-start'>): Fields {
  return { phase: upstreamPhase(phase), status: 'running', content: '', ...NO_MODEL, cycle }
}

function ended(event: Of<'phase-end'>): Fields {
  const { phase, cycle, status, text, model, problem } = event
  return {
    phase: upstreamPhase(phase),
    status: STATUSES[status],
    content: status === 'failed' ? (problem?.message ?? '') : text,
    ...modelOf(model),
    ...extrasOf(event),
    ...(problem && { reason: problem.message, code: problem.code }),
    cycle,
  }
}

const STATUSES = { completed: 'complete', failed: 'error', degraded: 'degraded', skipped: 'skipped' } as const

/** The frame of a phase that was cancelled: with its ask, whose error it then carries, or by its timeout. */
function calledOff({ phase, cycle }: Open[number], problem?: unknown): { readonly data: Fields } {
  const { message, code } = isProblem(problem) ? problem : TIME_IS_UP
  return { data: { phase: upstreamPhase(phase), status: 'error', content: message, ...NO_MODEL, code, cycle } }
}

const TIME_IS_UP = { code: 'timeout', message: 'the phase timed out' }
const isProblem = (given: unknown): given is Problem => typeof given === 'object' && given !== null

function decided({ decision, target, reason, cycle }: Of<'decision'>): Fields {
  return { decision, ...(target !== undefined && { target: target.replace('.', '_') }), reason, cycle }
}

/** The final frame; without an answer, it reports the failure of the question in upstream's form. */
function over({ status, problem }: Of<'ask-end'>): Step['frames'][number] {
  if (!problem) return { event: 'done', data: { status } }
  return { data: { error: problem.message, code: problem.code, status } }
}

const NO_MODEL = { provider: 'unknown', model_name: 'unknown' }

function modelOf(model: string): Fields {
  if (model === '') return NO_MODEL
  const [provider, ...name] = model.split('/')
  return { provider, model_name: name.join('/') }
}

type PhaseEnd = Extract<ChainEvent, { readonly type: 'phase-end' }>

/** Additional upstream fields of some phases, as far as the chain has them. */
function extrasOf({ phase, status, text, hits = [] }: PhaseEnd): Fields {
  if (phase === 'experience.vectors') return { vector_results: hits.slice(0, MAX_VECTOR_RESULTS).map(resultOf) }
  if (phase === 'experience.web') return { web_results: hits.map(pageOf) }
  return phase === 'yield' && status === 'completed' ? { citations: citedIn(text) } : {}
}

/** A page as upstream has it; the provider is the search service. */
const pageOf = ({ heading, file, text, source }: Hit): Json => ({
  title: heading,
  url: file,
  content: opening(text),
  provider: source,
})

const MAX_VECTOR_RESULTS = 10

function resultOf({ score, vid, text }: Hit): Json {
  return { score: Math.round(score * 1000) / 1000, id: vid, content: opening(text), content_preview: preview(text) }
}

/** At most three paragraphs and 500 characters. */
const opening = (text: string) => text.split('\n\n').slice(0, 3).join('\n\n').slice(0, 500)

const preview = (text: string) => (text.length > 100 ? `${text.slice(0, 100)}...` : text)

/** Citations in the order of their first mention. Tags that refer to no retrieved text were removed before. */
function citedIn(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/<vid>([^<\n]*)<\/vid>/g)].map(([, id]) => id!))]
}
