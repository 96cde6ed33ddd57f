import type { EarlierUsage, MeasuredRange, Plan, PlannedStep } from '../../pipeline/report/plan.ts'
import { formatCost, formatCount, formatDuration } from '../terminal/format.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Prints a plan: a block for each level, a line for each step. */
export function printPlan({ out }: Terminal, { pipeline, levels, taken }: Plan): void {
  const steps = levels.flat().length
  out(
    `${pipeline}: ${formatCount(steps, 'step')} in ${formatCount(levels.length, 'level')}${taken ? `; ${tookText(taken)}` : ''}`,
  )
  for (const [number, level] of levels.entries()) {
    out(`${number + 1}`)
    for (const step of level) for (const line of stepLines(step, '  ')) out(line)
  }
}

function stepLines(step: PlannedStep, indent: string): readonly string[] {
  const { id, does, needs, effect, condition, onDemand, stopsAtFailure, model, fallback, taken, body = [] } = step
  const facts = [
    `${does}${effect === 'idempotent' ? '' : ` (${effect})`}`,
    ...(needs.length > 0 ? [`after ${needs.join(', ')}`] : []),
    ...(condition === undefined ? [] : [`if ${condition}`]),
    ...(onDemand ? ['only when another step leads to it'] : []),
    ...(stopsAtFailure ? ['stops at the first line that fails'] : []),
    ...(model ? [model.id === undefined ? `model: ${model.why}` : `model ${model.id}: ${model.why}`] : []),
    ...(fallback ? [`when it fails: ${fallback.join(', ')}`] : []),
    ...(taken ? [tookText(taken)] : []),
  ]
  return [`${indent}${id}  ${facts.join(' · ')}`, ...body.flatMap((each) => stepLines(each, `${indent}  `))]
}

function tookText({ times, ms, cost: dollars }: EarlierUsage): string {
  const time = ms ? [rangeText(ms, formatDuration)] : []
  const money = dollars && dollars.most > 0 ? [rangeText(dollars, formatCost)] : []
  return `earlier: ${[...time, ...money, formatCount(times, 'run')].join(', ')}`
}

function rangeText({ least, median, most }: MeasuredRange, show: (value: number) => string): string {
  return least === most ? show(least) : `${show(least)}–${show(most)} (median ${show(median)})`
}
