import { scopeAwaited } from '../../budget/waiting.ts'
import { describeProposal } from '../../chain/protocol/recursion.ts'
import type { Json } from '../../kernel/schema.ts'
import { type AskEvent, consentWords, type ProposalEvent } from '../progress/ask-progress.ts'
import {
  loopsAround,
  queuedOf,
  type RunEvent,
  type RunProgress,
  type StepEndEvent,
  type StepUndoEvent,
  type StepWaitEvent,
} from '../progress/run-progress.ts'
import { NOTHING_USED } from '../progress/usage.ts'
import type { Colors } from '../terminal/colors.ts'
import { count, duration, moment } from '../terminal/format.ts'
import { doneFact, handledFact, usedFacts, vainFacts } from './facts.ts'
import { mark } from './text.ts'

/** What is said of a run's event where nothing can be redrawn; undefined: nothing. `progress` is as of after it. */
export function runLine(progress: RunProgress, body: Json, colors: Colors): string | undefined {
  const event = body as RunEvent
  switch (event.type) {
    case 'run-start':
      return `${event.name}: ${count(event.steps, 'step')}`
    case 'loop-start':
      if (loopsAround(progress, event.step).length > 0) return undefined
      return `  ${event.step}: ${count(event.iterations, 'time')}, ${count(event.steps, 'step')} in all`
    case 'signal-wait':
      return `  ${mark('waiting', colors)} ${event.step}  waits: ${event.title} (${onwardOf(event)})`
    case 'step-wait':
      return waitLine(progress, event, colors)
    case 'step-end':
      return stepLine(progress, event, colors)
    case 'step-undo':
      return event.undone && loopsAround(progress, event.step).length > 0 ? undefined : undoLine(event, colors)
    default:
      return undefined
  }
}

/** What it waits for is a signal, or money. */
function onwardOf({ signal = '' }: { readonly signal?: string }): string {
  const scope = scopeAwaited(signal)
  return scope === undefined ? 'to answer: antiphon inbox' : raising(scope)
}

const raising = (scope: string) => `to go on: antiphon budget raise ${scope} DOLLARS`

/** How many failures in a loop are each said in a line. */
const SAID = 20

// The steps of a loop are many: of those only what failed is said.
function stepLine(progress: RunProgress, event: StepEndEvent, colors: Colors): string | undefined {
  const [loop] = loopsAround(progress, event.step)
  if (loop === undefined) return ownLine(progress, event, colors)
  if (event.status !== 'failed') return undefined
  const { failed } = progress.groups.get(loop)!
  if (failed > SAID + 1) return undefined
  return failed > SAID ? `  … more failures in ${loop} are only counted` : ownLine(progress, event, colors)
}

/** How a step ended, whatever it is in. */
export function ownLine(progress: RunProgress, event: StepEndEvent, colors: Colors): string {
  const { step, status, ms, problem, reused, handled, failedHandlers } = event
  const group = progress.groups.get(step)
  const { attempts = 1, model, used = NOTHING_USED } = group ?? {}
  const facts = [
    ...(status === 'completed' ? [] : [`${status}${problem ? `: ${problem.message}` : ''}`]),
    ...(group?.loop ? [`${doneFact(group)}, ${group.failed} failed`] : []),
    ...(status === 'completed' && !group?.loop ? [reused ? 'as recorded' : duration(ms)] : []),
    ...(attempts > 1 ? [count(attempts, 'attempt')] : []),
    ...(model === undefined ? [] : [model]),
    ...usedFacts(used),
    ...(handled === undefined ? [] : [handledFact(handled)]),
    ...vainFacts(failedHandlers),
  ]
  const trouble = status === 'completed' && problem ? `: ${problem.message}` : ''
  return `  ${mark(status, colors)} ${step}  ${facts.join(', ')}${trouble}`
}

function undoLine({ step, undone, problem }: StepUndoEvent, colors: Colors): string {
  const said = undone ? 'undone' : `not undone${problem ? `: ${problem.message}` : ''}`
  return `  ${mark(undone ? 'skipped' : 'degraded', colors)} ${step}  ${said}`
}

function waitLine(
  progress: RunProgress,
  { step, until, attempts, problem }: StepWaitEvent,
  colors: Colors,
): string | undefined {
  if (loopsAround(progress, step).length > 0) return undefined
  const when = `attempt ${attempts + 1} at ${moment(until)}`
  return `  ${mark('waiting', colors)} ${step}  ${when}: ${problem.message}`
}

/** A sign of life for long runs. */
export function standing(progress: RunProgress): string {
  const { done, total, failed, running } = progress
  const rest = `${running.size} running, ${queuedOf(progress)} queued`
  return `  ${done} of ${total} steps done, ${failed === 0 ? '' : `${failed} failed, `}${rest}`
}

/** What is said of an ask's event where nothing can be redrawn; `decide`: the command by which it goes on that waits for a decision. */
export function askLine(body: Json, colors: Colors, decide = 'antiphon inbox'): string | undefined {
  const event = body as AskEvent
  switch (event.type) {
    case 'phase-end':
      return `  ${mark(event.status, colors)} ${event.phase}  ${duration(event.ms)}${event.problem ? `: ${event.problem.message}` : ''}`
    case 'ask-wait':
      return `  ${mark('waiting', colors)} ${event.phase}  waits: ${event.problem.message} (${raising(event.budget)})`
    case 'context-change':
      return askedLine(consentWords(event), colors)
    case 'decision-wait':
      return `  ${mark('waiting', colors)} ${waitingWords(event)} (to go on: ${decide})`
    case 'decision':
      return event.decision === 'loop' ? `  back to ${event.target ?? 'the start'}: ${event.reason}` : undefined
    default:
      return undefined
  }
}

/** What its user is asked, while it goes on. */
export function askedLine(words: string | undefined, colors: Colors): string | undefined {
  return words === undefined ? undefined : `  ${mark('waiting', colors)} ${words}`
}

/** What an ask waits for that waits for a decision, and what is proposed. */
export const waitingWords = (proposal: ProposalEvent) => `waits for a decision: ${describeProposal(proposal)}`
