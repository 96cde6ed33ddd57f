import type { Problem } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { RunEvent, StepEndEvent, StepUndoEvent } from '../../run/event.ts'
import type { StepWait } from '../../step/record/step.ts'
import { describeProposal } from '../../thread/protocol/cycle-decision.ts'
import { scopeAwaited } from '../../work/wait.ts'
import { type AskEvent, consentQuestion, type ProposalEvent } from '../progress/ask-progress.ts'
import { loopsAround, NO_USAGE, queuedSteps, type RunProgress } from '../progress/run-progress.ts'
import type { Colors } from '../terminal/escape.ts'
import { formatCount, formatDuration, localTime, oneLine, statusMark } from '../terminal/format.ts'
import { doneFact, failedHandlerFacts, handledFact, lackFacts, markOf, usageFacts } from './facts.ts'

/** The line of plain output for an event of a run; undefined: it has none. `progress` includes the event. */
export function runLine(progress: RunProgress, body: Json, colors: Colors): string | undefined {
  const event = body as RunEvent
  switch (event.type) {
    case 'start-wait':
      return startLine(event)
    case 'run-start':
      // a workflow does not know its steps
      return event.steps === 0 ? event.name : `${event.name}: ${formatCount(event.steps, 'step')}`
    case 'loop-start':
      if (loopsAround(progress, event.step).length > 0) return undefined
      return `  ${event.step}: ${formatCount(event.iterations, 'iteration')}, ${formatCount(event.steps, 'step')}`
    case 'signal-wait':
      return `  ${statusMark('waiting', colors)} ${event.step}  waits: ${event.title} (${onwardOf(event)})`
    case 'goal-wait':
      return `  ${statusMark('waiting', colors)} ${event.goal}  waits: ${event.title} (to continue: antiphon agent resume ${event.goal})`
    case 'code-wait':
      return `  ${statusMark('waiting', colors)} ${event.message}`
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

/** A run that begins later. */
function startLine({ until, queue, debouncedUntil }: Extract<RunEvent, { type: 'start-wait' }>): string {
  if (queue !== undefined && debouncedUntil !== undefined)
    return `it ${debouncedText(queue, localTime(debouncedUntil))}, and begins when the key has room`
  const when = until === undefined ? [] : [`it begins at ${localTime(until)}`]
  const place = queue === undefined ? [] : [`it waits for a slot of the key ${oneLine(queue, 100)}`]
  return [...when, ...place].join(', and ')
}

/** Work that begins unless another start of its key comes until then. */
export const debouncedText = (key: string, until: string) =>
  `waits until ${until} for another start of the key ${oneLine(key, 100)}, which would take its place`

/** A step waits for a signal or for money. */
function onwardOf({ signal = '' }: { readonly signal?: string }): string {
  const scope = scopeAwaited(signal)
  return scope === undefined ? 'to answer: antiphon inbox' : raising(scope)
}

const raising = (scope: string) => `to continue: antiphon budget raise ${scope} DOLLARS`

/** Failures in a loop that get a line each. */
const MAX_LOOP_FAILURES = 20

// A loop may have many steps, so only failed ones get a line.
function stepLine(progress: RunProgress, event: StepEndEvent, colors: Colors): string | undefined {
  const [loop] = loopsAround(progress, event.step)
  if (loop === undefined) return stepEndLine(progress, event, colors)
  if (event.status !== 'failed') return undefined
  const { failed } = progress.groups.get(loop)!
  if (failed > MAX_LOOP_FAILURES + 1) return undefined
  return failed > MAX_LOOP_FAILURES
    ? `  … more failures in ${loop} are only counted`
    : stepEndLine(progress, event, colors)
}

export function stepEndLine(progress: RunProgress, event: StepEndEvent, colors: Colors): string {
  const { step, status, ms, reused, failedHandlers, warnings = [] } = event
  const group = progress.groups.get(step)
  const { problem, handled } = group ?? event
  const { attempts = 1, model, used = NO_USAGE } = group ?? {}
  const facts = [
    ...(status === 'completed' ? [] : [`${status}${problem ? `: ${problem.message}` : ''}`]),
    ...(group?.loop ? [`${doneFact(group)}, ${group.failed} failed`] : []),
    ...(status === 'completed' && !group?.loop ? [reused ? 'reused' : formatDuration(ms)] : []),
    ...(attempts > 1 ? [formatCount(attempts, 'attempt')] : []),
    ...(model === undefined ? [] : [model]),
    ...usageFacts(used),
    ...lackFacts(group ?? {}),
    ...(handled === undefined ? [] : [handledFact(handled)]),
    ...failedHandlerFacts(failedHandlers),
  ]
  const trouble = status === 'completed' && problem ? `: ${problem.message}` : ''
  const mark = markOf({ ...group, status })
  const notes = warnings.map((text) => `; ${text}`).join('')
  // the full stop of an error ends the line only
  const said = facts.join(', ').replaceAll('., ', ', ')
  return `  ${statusMark(mark, colors)} ${step}  ${said}${trouble}${notes}`
}

function undoLine({ step, undone, problem }: StepUndoEvent, colors: Colors): string {
  const said = undone ? 'undone' : `not undone${problem ? `: ${problem.message}` : ''}`
  return `  ${statusMark(undone ? 'skipped' : 'degraded', colors)} ${step}  ${said}`
}

function waitLine(
  progress: RunProgress,
  { step, until, attempts, problem }: StepWait,
  colors: Colors,
): string | undefined {
  const [loop] = loopsAround(progress, step)
  if (loop !== undefined && progress.groups.get(loop)?.longestWait !== until) return undefined
  const when = `attempt ${attempts + 1} at ${localTime(until)}`
  return `  ${statusMark('waiting', colors)} ${step}  ${when}: ${problem.message}${hintOnce(problem)}`
}

/** The hint of a wait for a provider is said once, with the first try. */
const hintOnce = ({ hint, data }: Problem) =>
  hint !== undefined && (data as { readonly tries?: number } | undefined)?.tries === 1 ? `\n    ${hint}` : ''

/** A sign of life for long runs. */
export function runStatusLine(progress: RunProgress): string {
  const { done, total, failed, running } = progress
  const waiting = [...running].filter((step) => progress.groups.get(step)?.waits !== undefined).length
  const rest = [
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    `${running.size - waiting} running`,
    `${queuedSteps(progress)} queued`,
  ].join(', ')
  return `  ${total === 0 ? done : `${done} of ${total}`} steps done, ${failed === 0 ? '' : `${failed} failed, `}${rest}`
}

/** The line for an event of an ask in plain output. `decide` is the command for its decision. */
export function askLine(body: Json, colors: Colors, decide = 'antiphon inbox'): string | undefined {
  const event = body as AskEvent
  switch (event.type) {
    case 'ask-start':
      return event.domain === undefined ? undefined : `  domain ${event.domain}`
    case 'phase-end':
      return `  ${statusMark(event.status, colors)} ${event.phase}  ${formatDuration(event.ms)}${event.problem ? `: ${event.problem.message}` : ''}`
    case 'ask-wait':
      return `  ${statusMark('waiting', colors)} ${event.phase}  waits: ${event.problem.message} (${continuing(event)})${hintOnce(event.problem)}`
    case 'context-change':
      return consentLine(consentQuestion(event), colors)
    case 'decision-wait':
      return `  ${statusMark('waiting', colors)} ${decisionText(event)} (to continue: ${decide})`
    case 'decision':
      return event.decision === 'loop' ? `  back to ${event.target ?? 'the start'}: ${event.reason}` : undefined
    default:
      return undefined
  }
}

function continuing({ until, run, budget = '' }: Extract<AskEvent, { type: 'ask-wait' }>): string {
  if (run !== undefined) return 'to answer: antiphon inbox'
  return until === undefined ? raising(budget) : `it asks again at ${localTime(until)}`
}

/** The line for a question to the user; the ask continues meanwhile. */
function consentLine(words: string | undefined, colors: Colors): string | undefined {
  return words === undefined ? undefined : `  ${statusMark('waiting', colors)} ${words}`
}

export const decisionText = (proposal: ProposalEvent) => `waits for a decision: ${describeProposal(proposal)}`
