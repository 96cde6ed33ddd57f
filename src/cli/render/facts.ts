import type { FailedHandler } from '../../step/record/step.ts'
import type { ModelUsage, ProgressLine } from '../progress/run-progress.ts'
import { cachedText, formatCost, formatCount, formatDuration, formatNumber, oneLine } from '../terminal/format.ts'

/** The number of completed steps, and of reused results among them; those of loops (`looped`) are named apart. */
export function doneFact({
  done,
  reused,
  looped = 0,
}: Pick<ProgressLine, 'done' | 'reused'> & { readonly looped?: number }): string {
  const steps = formatCount(done - looped, 'step') + (looped > 0 ? ` and ${formatCount(looped, 'loop step')}` : '')
  if (reused > 0 && reused === done) return `${steps} reused`
  return `${steps} done${reused > 0 ? ` (${reused} reused)` : ''}`
}

/** The facts of a step or loop: progress, attempts, model and usage. */
export function factsOf(group: ProgressLine, now: number): readonly string[] {
  const { status, ms, attempts = 1, model, undone, handled, failedHandlers } = group
  return [
    ...(group.loop ? loopFacts(group, group.loop.steps) : []),
    ...(status !== 'running' && !group.loop && ms !== undefined
      ? [group.reused > 0 ? 'reused' : formatDuration(ms)]
      : []),
    ...(attempts > 1 ? [formatCount(attempts, 'attempt')] : []),
    ...(model === undefined ? [] : [model]),
    ...usageFacts(group.used),
    ...lackFacts(group),
    ...(handled === undefined ? [] : [handledFact(handled)]),
    ...failedHandlerFacts(failedHandlers),
    ...(undone === undefined ? [] : [undone ? 'undone' : 'not undone']),
    ...waitFacts(group, now),
  ]
}

export function problemText({ status, waits, problem }: ProgressLine): string {
  return (status === 'running' ? (waits ?? problem?.message) : problem?.message) ?? ''
}

/** The handler of a failure: a step, a model, or a note. */
export const handledFact = (handled: string): string => `handled by ${cut(handled)}`

export function failedHandlerFacts(failed: readonly FailedHandler[] = []): readonly string[] {
  return failed.map(({ by, problem }) => `${cut(by)} failed, too: ${problem.message}`)
}

const cut = (text: string) => oneLine(text, 60)

/** The parts missing in the result of a step, or the number of loop steps with missing parts. */
export function lackFacts({ lacks = [], lacking = 0 }: Pick<ProgressLine, 'lacks' | 'lacking'>): readonly string[] {
  return [...(lacking > 0 ? [`${lacking} degraded`] : []), ...lacks.map((lack) => `degraded: ${lack}`)]
}

/** The sign of a line says that a completed step lacks something. */
export function markOf({
  status,
  lacks = [],
  lacking = 0,
}: Pick<ProgressLine, 'status' | 'lacks' | 'lacking'>): string {
  return status === 'completed' && lacks.length + lacking > 0 ? 'degraded' : status
}

/** Tokens in and out, and dollars if the models have a price. */
export function usageFacts({ input, output, cost: dollars, ...cached }: ModelUsage): readonly string[] {
  const used = `${formatNumber(input)} tokens in${cachedText(cached)}, ${formatNumber(output)} out`
  const tokens = input + output > 0 ? [used] : []
  return dollars === undefined || dollars === 0 ? tokens : [...tokens, formatCost(dollars)]
}

function loopFacts({ done, reused, failed, skipped, running }: ProgressLine, steps: number): readonly string[] {
  const facts = [
    `${done} of ${steps}`,
    reused > 0 && `${reused} reused`,
    failed > 0 && `${failed} failed`,
    skipped > 0 && `${skipped} skipped`,
    running > 0 && `${running} running`,
  ]
  return facts.filter((fact) => fact !== false)
}

function waitFacts({ status, pause, waits }: ProgressLine, now: number): readonly string[] {
  if (status !== 'running') return []
  if (!pause) return waits === undefined ? [] : ['waits']
  const left = pause.until - now
  const attempt = `attempt ${pause.attempts + 1}`
  return [left > 0 ? `${attempt} in ${formatDuration(Math.ceil(left / 1000) * 1000)}` : attempt]
}
