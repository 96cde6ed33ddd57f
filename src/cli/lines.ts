import type { Json } from '../kernel/schema.ts'
import type { AskEvent } from './asking.ts'
import { groupOf, queuedOf, type RunEvent, type RunProgress, type StepEndEvent } from './progress.ts'
import type { Colors } from './terminal.ts'
import { mark } from './tree.ts'
import { count, duration } from './words.ts'

/** What is said of a run's event where nothing can be redrawn; undefined: nothing. `progress` is as of after it. */
export function runLine(progress: RunProgress, body: Json, colors: Colors): string | undefined {
  const event = body as RunEvent
  switch (event.type) {
    case 'run-start':
      return `${event.name}: ${count(event.steps, 'step')}`
    case 'loop-start':
      return `  ${event.step}: ${count(event.iterations, 'time')}, ${count(event.steps, 'step')} in all`
    case 'signal-wait':
      return `  ${mark('waiting', colors)} ${event.step}  waits: ${event.title} (to answer: antiphon inbox)`
    case 'step-end':
      return stepLine(progress, event, colors)
    default:
      return undefined
  }
}

// The steps of a loop are many: of those only what failed is said.
function stepLine(progress: RunProgress, event: StepEndEvent, colors: Colors): string | undefined {
  const { step, status, ms, problem, reused } = event
  const group = groupOf(progress, step)
  if (group.id !== step && status !== 'failed') return undefined
  const isLoop = group.loop !== undefined && group.id === step
  const facts = [
    ...(status === 'completed' ? [] : [`${status}${problem ? `: ${problem.message}` : ''}`]),
    ...(isLoop ? [`${count(group.done, 'step')} done, ${group.failed} failed`] : []),
    ...(status === 'completed' && !isLoop ? [reused ? 'as recorded' : duration(ms)] : []),
  ]
  return `  ${mark(status, colors)} ${step}  ${facts.join(', ')}`
}

/** A sign of life for long runs. */
export function standing(progress: RunProgress): string {
  const { done, total, failed, running } = progress
  const rest = `${running.size} running, ${queuedOf(progress)} queued`
  return `  ${done} of ${total} steps done, ${failed === 0 ? '' : `${failed} failed, `}${rest}`
}

/** What is said of an ask's event where nothing can be redrawn. */
export function askLine(body: Json, colors: Colors): string | undefined {
  const event = body as AskEvent
  switch (event.type) {
    case 'phase-end':
      return `  ${mark(event.status, colors)} ${event.phase}  ${duration(event.ms)}${event.problem ? `: ${event.problem.message}` : ''}`
    case 'decision':
      return event.decision === 'loop' ? `  back to ${event.target ?? 'the start'}: ${event.reason}` : undefined
    default:
      return undefined
  }
}
