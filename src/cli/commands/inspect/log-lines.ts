import type { Json } from '../../../kernel/json.ts'
import type { RunEvent } from '../../../run/event.ts'
import { applyRunEvent, INITIAL_RUN_PROGRESS, type RunProgress } from '../../progress/run-progress.ts'
import { askLine, runLine, stepEndLine } from '../../render/event-lines.ts'
import { doneFact } from '../../render/facts.ts'
import { redacted } from '../../render/redact.ts'
import type { Colors } from '../../terminal/escape.ts'
import { localTime, oneLine } from '../../terminal/format.ts'

/** A function that makes a line of each event of an actor, with its time if that is known. */
export function createLogFormatter(of: string, colors: Colors): (body: Json, at: number | undefined) => string {
  let progress = INITIAL_RUN_PROGRESS
  const lineOf = (body: Json): string | undefined => {
    if (of.startsWith('chain/')) return askLine(body, colors) ?? askWords(body)
    if (!of.startsWith('run/')) return undefined
    progress = applyRunEvent(progress, body)
    return runLine(progress, body, colors) ?? stepOrEnd(progress, body as RunEvent, colors)
  }
  return (body, at) => {
    const when = at === undefined ? ' '.repeat(TIME_WIDTH) : localTime(at)
    return `${colors.dim(when)}  ${lineOf(body)?.trimStart() ?? plainly(at === undefined ? body : timeless(body))}`
  }
}

/** Events that a live view shows in its picture. */
function stepOrEnd(progress: RunProgress, event: RunEvent, colors: Colors): string | undefined {
  if (event.type === 'step-start') return `${event.step}  begins`
  // in a loop, where a view counts them
  if (event.type === 'step-end' && event.status === 'completed') return stepEndLine(progress, event, colors)
  if (event.type !== 'run-end') return undefined
  const { failed, skipped, ...counts } = progress
  return `${event.status}: ${doneFact(counts)}, ${failed} failed, ${skipped} skipped`
}

const TIME_WIDTH = '2026-01-01 00:00:00'.length

/** Without the time that precedes it. */
function timeless(body: Json): Json {
  const { at: _, ...rest } = body as { readonly [name: string]: Json }
  return rest
}

/** An event without a sentence of its own: its type and its fields. */
function plainly(body: Json): string {
  const { type, ...rest } = (redacted(body) ?? {}) as { readonly [name: string]: Json }
  if (typeof type !== 'string') return oneLine(JSON.stringify(redacted(body)), 200)
  const fields = Object.entries(rest).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return oneLine([type, ...fields].join(' '), 200)
}

type LoggedEvent = {
  readonly type?: string
  readonly prompt?: string
  readonly phase?: string
  readonly cycle?: number
  readonly decision?: string
  readonly reason?: string
  readonly status?: string
  readonly problem?: { readonly message: string }
}

/** The line for an event of a thread that a live view shows; undefined: none. */
function askWords(body: Json): string | undefined {
  const { type, prompt = '', phase, cycle = 1, decision, reason, status, problem } = body as LoggedEvent
  switch (type) {
    case 'ask-queue':
      return 'a question waits behind others'
    case 'ask-start':
      return `asked: ${oneLine(prompt, 180)}`
    case 'phase-start':
      return `${phase}  begins${cycle > 1 ? `, cycle ${cycle}` : ''}`
    case 'decision':
      return decision === 'yield' ? `starts the answer: ${reason}` : undefined
    case 'ask-end':
      return `${status}${problem ? `: ${problem.message}` : ''}`
    default:
      return undefined
  }
}
