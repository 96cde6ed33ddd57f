import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { ChainEvent } from '../../thread/protocol/ask-state.ts'

/** The progress of an ask, built from its durable events. */
export type AskProgress = {
  readonly prompt: string
  readonly status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled'
  readonly phases: readonly PhaseProgress[]
  /** the question to its user */
  readonly consent?: string
  /** the proposal that waits for a decision */
  readonly proposal?: ProposalEvent
  /** the unchecked answer as far as it is written */
  readonly draft?: string
}
/** One phase of one cycle; `ms` and `model` are known once it ended. */
export type PhaseProgress = {
  readonly phase: string
  readonly cycle: number
  readonly status: 'running' | PhaseEndEvent['status']
  readonly model?: string
  readonly ms?: number
  readonly problem?: Problem
}

/** Events of a chain, and its text as it grows. */
export type AskEvent =
  | ChainEvent
  | { readonly type: 'text-delta'; readonly phase: string; readonly text: string; readonly at: number }
  | { readonly type: 'text-restart'; readonly phase: string; readonly reason: string }
type PhaseEndEvent = Extract<ChainEvent, { readonly type: 'phase-end' }>
export type ProposalEvent = Extract<ChainEvent, { readonly type: 'decision-wait' }>

/** Changes to earlier messages in prompts; some need consent. */
type ContextEvent = {
  readonly operations: readonly {
    readonly target: number
    readonly originalLength?: number
    readonly requiresConsent?: true
  }[]
}

/** The question that asks for consent; undefined if none is needed. */
export function consentQuestion({ operations }: ContextEvent): string | undefined {
  const asked = operations.filter(({ requiresConsent }) => requiresConsent)
  if (asked.length === 0) return undefined
  const messages = asked.map(({ target, originalLength }) => `${target} (${originalLength} characters)`).join(', ')
  return `may prompts have a summary of message ${messages}? To answer: antiphon inbox`
}

/** The progress before the first event. */
export const INITIAL_ASK_PROGRESS: AskProgress = { prompt: '', status: 'queued', phases: [] }

export function applyAskEvent(progress: AskProgress, body: Json): AskProgress {
  const event = body as AskEvent
  switch (event.type) {
    case 'ask-start':
      return { ...progress, prompt: event.prompt, status: 'running' }
    case 'phase-start':
      return put(progress, { phase: event.phase, cycle: event.cycle, status: 'running' })
    case 'text-delta':
      return event.phase === 'yield' ? { ...progress, draft: writtenOn(progress, event) } : progress
    case 'text-restart':
      return event.phase === 'yield' ? withoutDraft(progress) : progress
    case 'phase-end':
      return put(event.phase === 'yield' ? withoutDraft(progress) : progress, endedPhase(event))
    case 'context-change':
      return { ...progress, ...consentField(consentQuestion(event)) }
    case 'decision-wait':
      return { ...progress, proposal: event }
    case 'decision':
      return decided(progress)
    case 'ask-end':
      return { ...withoutDraft(decided(progress)), status: event.status }
    default:
      return progress
  }
}

const consentField = (consent: string | undefined) => (consent === undefined ? {} : { consent })

const decided = ({ proposal: _, ...progress }: AskProgress): AskProgress => progress

/** Another attempt starts at 0 and overwrites the text of the one before. */
export function writtenOn(
  { draft = '' }: { readonly draft?: string },
  { text, at }: { readonly text: string; readonly at: number },
): string {
  return `${draft.slice(0, at)}${text}`
}

const withoutDraft = ({ draft: _, ...progress }: AskProgress): AskProgress => progress

function endedPhase({ phase, cycle, status, model, ms, problem }: PhaseEndEvent): PhaseProgress {
  return { phase, cycle, status, model, ms, ...(problem && { problem }) }
}

function put(progress: AskProgress, next: PhaseProgress): AskProgress {
  const place = progress.phases.findIndex(({ phase, cycle }) => phase === next.phase && cycle === next.cycle)
  const phases = place < 0 ? [...progress.phases, next] : progress.phases.with(place, next)
  return { ...progress, phases }
}
