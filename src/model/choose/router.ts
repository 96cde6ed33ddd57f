import { maxTokensIn } from '../cost/cost-ceiling.ts'
import { costOfTokens } from '../cost/price.ts'
import type { ModelFit } from './choose.ts'
import { CAPABILITY_LEVELS, capabilityLevelOf, levelRank } from './levels.ts'
import type { ModelFacts } from './model-facts.ts'

/** The weights of cost and quality, both at least 0. */
export type RoutingWeights = { readonly cost: number; readonly quality: number }

/** A model that fits a task. `score` (0 to 1) weighs cost and capability. Cost (dollars) and latency (ms): if known. */
export type ScoredModel = {
  readonly model: string
  readonly score: number
  readonly estimated_cost?: number
  readonly estimated_latency?: number
}

/** The type and complexity of a task, judged by its words. */
type TaskAnalysis = { readonly task_type: string; readonly complexity: 'simple' | 'moderate' | 'complex' }

const TASK_TYPES: readonly (readonly [type: string, pattern: RegExp])[] = [
  ['code', /\b(?:code|program|function|script|debug|refactor|typescript|javascript|python|sql)\b/i],
  ['translation', /\btranslat/i],
  ['summary', /\bsummar/i],
  ['extraction', /\bextract/i],
  ['analysis', /\b(?:analy[sz]|compare|evaluate|assess|research)/i],
  ['reasoning', /\b(?:prove|solve|calculate|reason|plan)\b/i],
  ['creative', /\b(?:story|poem|slogan|creative)\b/i],
]
const EXPECTED_REPLY_TOKENS = { simple: 200, moderate: 800, complex: 2000 }
const MIN_WORDS = { moderate: 30, complex: 120 }

/** Judges the type and complexity of a task by its words alone. */
export function analyseTask(task: string): TaskAnalysis {
  const words = task.split(/\s+/).filter(Boolean).length
  const [type = 'general'] = TASK_TYPES.find(([, pattern]) => pattern.test(task)) ?? []
  const isLong = words >= MIN_WORDS.complex || (words >= MIN_WORDS.moderate && type === 'analysis')
  return { task_type: type, complexity: isLong ? 'complex' : words >= MIN_WORDS.moderate ? 'moderate' : 'simple' }
}

/** The models that fit a task, best first; ties keep the order of preference. */
export function scoreModels(
  judged: readonly ModelFit[],
  facts: readonly ModelFacts[],
  task: string,
  { cost, quality }: RoutingWeights,
): readonly ScoredModel[] {
  const usage = { input: maxTokensIn(task), output: EXPECTED_REPLY_TOKENS[analyseTask(task).complexity] }
  const able = judged.flatMap(({ id, fits }) => (fits ? (facts.find((one) => one.id === id) ?? []) : []))
  const priced = able.map((one) => ({ one, price: one.paid ? costOfTokens(one, usage) : 0 }))
  const dearest = Math.max(0, ...priced.map(({ price }) => price ?? 0))
  const total = cost + quality
  return priced
    .map(({ one, price }): ScoredModel => {
      const able = (levelRank(capabilityLevelOf(one)) ?? 0) / (CAPABILITY_LEVELS.length - 1)
      // an unknown price may be the highest
      const cheap = price === undefined ? 0 : dearest === 0 ? 1 : 1 - price / dearest
      const points = total === 0 ? 0 : (cost * cheap + quality * able) / total
      return {
        model: one.id,
        score: Math.round(points * 1000) / 1000,
        ...(price !== undefined && { estimated_cost: price }),
        ...(one.latencyMs !== undefined && { estimated_latency: one.latencyMs }),
      }
    })
    .sort((a, b) => b.score - a.score)
}

/**
 * Picks a model for each task: the best one that has fewer than `most` tasks in this round. When every model that fits
 * a task has `most` tasks, a new round begins.
 */
export function spreadTasks(
  each: readonly (readonly ScoredModel[])[],
  most = Number.POSITIVE_INFINITY,
): readonly ScoredModel[] {
  const taken = new Map<string, number>()
  return each.map((models) => {
    const least = Math.min(...models.map(({ model }) => Math.floor((taken.get(model) ?? 0) / most)))
    const next = models.find(({ model }) => Math.floor((taken.get(model) ?? 0) / most) === least)!
    taken.set(next.model, (taken.get(next.model) ?? 0) + 1)
    return next
  })
}
