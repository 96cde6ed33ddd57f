import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { isJsonObject, type Json } from '../../kernel/json.ts'
import { ownValue } from '../../lib/own.ts'
import type { ModelFit } from '../../model/choose/choose.ts'
import type { ModelNeeds } from '../../model/choose/model-facts.ts'
import type { RoutingWeights, ScoredModel } from '../../model/choose/router.ts'
import { analyseTask, scoreModels, spreadTasks } from '../../model/choose/router.ts'
import type { CallbackTool } from '../../step/call/callback.ts'
import type { StepContext, ValueResult } from '../../step/call/context.ts'
import type { ToolAdvice, WrittenParameters } from '../../tool/advice.ts'
import { anyValue, booleanParameter, jsonOr, numberParameter, onlyInRuns } from '../../tool/parameters.ts'
import { hasTemplate } from '../../tool/secrets.ts'
import { readModelNeeds } from '../language/parse/model-needs.ts'
import { MODEL_NEED_TABLE } from '../language/schema/model-need-keys.ts'

const task = z.string().min(1).max(100_000)
const tasks = jsonOr(z.array(z.union([task, z.looseObject({ task })])).max(1000))
const delegating = z.object({
  task,
  requirements: anyValue.optional(),
  cost_weight: numberParameter.default(0.3),
  quality_weight: numberParameter.default(0.7),
  fallback_enabled: booleanParameter.default(true),
})
const routing = z.object({
  request: task.optional(),
  tasks: tasks.optional(),
  models: jsonOr(z.array(z.string())).optional(),
  strategy: z.string().optional(),
  routing_strategy: z.string().optional(),
  optimization_goal: z.string().optional(),
  routing_constraints: anyValue.optional(),
  max_concurrent: numberParameter.pipe(z.number().int().min(1)).optional(),
})
type Routing = z.infer<typeof routing>

/** `task-delegation` and `multi-model-routing` choose models for tasks by known facts. No model is called. */
export const routingTools: readonly CallbackTool[] = [
  routingTool('task-delegation:execute', 'Chooses a model for a task', delegating, delegate),
  routingTool('multi-model-routing:execute', 'Chooses a model for a request', routing, routeOne),
  routingTool('multi-model-routing:route', 'Chooses a model for each task', routing, routeEach),
  routingTool('multi-model-routing:optimize_batch', 'Distributes tasks among models', routing, routeBatch),
]

function routingTool<Input>(
  name: string,
  description: string,
  input: z.ZodType<Input>,
  decide: (given: Input, context: StepContext) => { readonly [field: string]: Json },
): CallbackTool {
  const ask = (given: Input, context: StepContext): ValueResult => {
    const warnings = NEEDS_PARAMETERS.flatMap((parameter) => unknownNeeds(given as WrittenParameters, parameter))
    return { type: 'result', result: decide(given, context), ...(warnings.length > 0 && { warnings }) }
  }
  const execute = onlyInRuns(name)
  const tool = { name, description, input, effect: 'idempotent', execute, asking: { ask, take: execute } } as const
  return Object.assign(tool, { adviceOn })
}

// one task

const MAX_SCORES = 5

function delegate(given: z.infer<typeof delegating>, context: StepContext) {
  const weights = { cost: given.cost_weight, quality: given.quality_weight }
  const scored = candidates(context, given.task, weights, needsFrom(given.requirements, 'requirements'))
  const [best, ...others] = scored as [ScoredModel, ...ScoredModel[]]
  const analysis = analyseTask(given.task)
  return {
    selected_model: best.model,
    score: best.score,
    reasons: [reasonOf(best, weights)],
    estimated_cost: best.estimated_cost ?? null,
    estimated_latency: best.estimated_latency ?? null,
    task_analysis: { ...analysis },
    fallback_models: given.fallback_enabled ? others.map(({ model }) => model) : [],
    all_scores: scored.slice(0, MAX_SCORES).map((one) => ({
      model: one.model,
      score: one.score,
      reasons: [reasonOf(one, weights)],
    })),
  }
}

function routeOne(given: Routing, context: StepContext) {
  const { strategy, weights } = strategyOf(given)
  const [text] = textsOf(given)
  const [best] = scoredFor(given, context, weights, text!) as [ScoredModel]
  const busy = context.services.pool.report().each.find(({ id }) => id === best.model)?.running ?? 0
  return {
    selected_model: best.model,
    routing_reason: reasonOf(best, weights),
    strategy,
    score: best.score,
    estimated_cost: best.estimated_cost ?? null,
    current_load: busy,
  }
}

// several tasks

function routeEach(given: Routing, context: StepContext) {
  const { strategy, weights } = strategyOf(given)
  const recommendations = assign(given, context, weights)
  return {
    recommendations,
    strategy,
    total_estimated_cost: totalOf(recommendations),
    models_selected: [...new Set(recommendations.map(({ model }) => model))],
  }
}

function routeBatch(given: Routing, context: StepContext) {
  const { strategy, weights } = strategyOf(given)
  const results = assign(given, context, weights)
  const total = totalOf(results)
  return {
    results,
    strategy,
    total_cost: total,
    average_cost: total === null ? null : total / results.length,
    models_used: [...new Set(results.map(({ model }) => model))],
  }
}

function assign(given: Routing, context: StepContext, weights: RoutingWeights) {
  const texts = textsOf(given)
  const each = texts.map((text) => scoredFor(given, context, weights, text))
  return spreadTasks(each, given.max_concurrent).map((one, at) => ({
    task: texts[at]!,
    model: one.model,
    score: one.score,
    task_type: analyseTask(texts[at]!).task_type,
    estimated_cost: one.estimated_cost ?? null,
  }))
}

/** Dollars; null if one of the prices is unknown. */
function totalOf(each: readonly { readonly estimated_cost: number | null }[]): number | null {
  return each.reduce<number | null>(
    (sum, { estimated_cost: cost }) => (sum === null || cost === null ? null : sum + cost),
    0,
  )
}

function textsOf({ request, tasks }: Routing): readonly string[] {
  const texts = (tasks ?? []).map((one) => (typeof one === 'string' ? one : one.task))
  const all = request === undefined ? texts : [request, ...texts]
  if (all.length === 0) throw wrong('Expected parameters.request or parameters.tasks.')
  return all
}

// candidate models

const STRATEGIES: { readonly [name: string]: RoutingWeights } = {
  balanced: { cost: 0.5, quality: 0.5 },
  cost: { cost: 1, quality: 0 },
  quality: { cost: 0, quality: 1 },
}

function strategyOf(given: Routing): { readonly strategy: string; readonly weights: RoutingWeights } {
  const said = given.strategy ?? given.routing_strategy ?? given.optimization_goal ?? 'balanced'
  const name = said
    .toLowerCase()
    .replace(/^(?:minimi[sz]e|maximi[sz]e)[-_]|[-_](?:optimi[sz]ed|based|aware|first)$/g, '')
  const strategy = name === 'performance' || name === 'capability' ? 'quality' : name
  if (!Object.hasOwn(STRATEGIES, strategy))
    throw wrong(`strategy: expected one of ${Object.keys(STRATEGIES).join(', ')}.`)
  return { strategy, weights: STRATEGIES[strategy]! }
}

function scoredFor(
  given: Routing,
  context: StepContext,
  weights: RoutingWeights,
  text: string,
): readonly ScoredModel[] {
  const needs = needsFrom(given.routing_constraints, 'routing_constraints')
  return candidates(context, text, weights, needs, given.models)
}

function candidates(
  { services: { models }, notes }: StepContext,
  text: string,
  weights: RoutingWeights,
  needs: ModelNeeds,
  only?: readonly string[],
): readonly ScoredModel[] {
  if (!models.judge || !models.facts)
    throw new TerminalError('No models are configured here.', { code: 'tool_unavailable' })
  const ids = only?.map((name) => models.find(name) ?? name)
  const judged = models.judge({ ...needs, task: [analyseTask(text).task_type] })
  const asked = ids ? judged.filter(({ id }) => ids.includes(id)) : judged
  const scored = scoreModels(asked, models.facts(), text, weights)
  const near = asked.filter(({ id, why }) => why.length > 0 && scored.some(({ model }) => model === id))
  const warning = `No model meets the requirements exactly (${refusalsOf(near).join('; ')}).`
  if (near.length > 0 && !notes.some((note) => 'warning' in note && note.warning === warning)) notes.push({ warning })
  if (scored.length > 0) return scored
  const missing = ids?.filter((id) => !judged.some((one) => one.id === id)) ?? []
  const why = [...refusalsOf(asked), ...missing.map((id) => `${id}: it has no description under \`models:\``)]
  throw new TerminalError(`No model meets the requirements (${why.join('; ')}).`, { code: 'no_eligible_model' })
}

const refusalsOf = (judged: readonly ModelFit[]) => judged.map(({ id, why }) => `${id}: ${why.join(', ')}`)

const NEEDS_PARAMETERS = ['requirements', 'routing_constraints']

/** The keys that are not known, which py-orc ignored. */
function unknownNeeds(given: WrittenParameters, parameter: string): readonly string[] {
  const written = ownValue(given, parameter)
  if (!isJsonObject(written)) return []
  return Object.keys(written)
    .filter((name) => !Object.hasOwn(MODEL_NEED_TABLE, name))
    .map((name) => `${parameter}: unknown key \`${name}\`, which is ignored`)
}

function adviceOn(written: WrittenParameters): readonly ToolAdvice[] {
  const hint = `The keys are ${Object.keys(MODEL_NEED_TABLE).join(', ')}.`
  return NEEDS_PARAMETERS.flatMap((parameter) => [
    ...unknownNeeds(written, parameter).map((message) => ({
      parameter,
      message,
      hint,
      warning: 'unknown_key' as const,
    })),
    ...wrongNeeds(written, parameter).map((message) => ({ parameter, message, hint })),
  ])
}

/** The values that are wrong as they are written. Templates are known only when the step runs. */
function wrongNeeds(written: WrittenParameters, parameter: string): readonly string[] {
  const given = ownValue(written, parameter)
  return hasTemplate(JSON.stringify(given ?? null)) ? [] : readNeeds(given, parameter).faults
}

/** Needs in the form of `requires_model:`. */
function needsFrom(given: Json | undefined, what: string): ModelNeeds {
  const { needs, faults } = readNeeds(given, what)
  if (faults.length > 0) throw wrong(`parameters.${faults.join('; ')}`)
  return needs ?? {}
}

function readNeeds(given: Json | undefined, what: string) {
  const faults: string[] = []
  const needs = readModelNeeds(
    given ?? null,
    [what],
    (code, path, message) => void (code === 'unknown_key' || faults.push(`${path.join('.')}: ${message}`)),
  )
  return { needs, faults }
}

function reasonOf({ score, estimated_cost: cost }: ScoredModel, { cost: c, quality: q }: RoutingWeights): string {
  const price =
    cost === undefined
      ? 'its price is unknown'
      : cost === 0
        ? 'it is free'
        : `a call is expected to cost $${cost.toPrecision(2)}`
  return `it has the best score (${score}) with cost counted ${c} and quality ${q}; ${price}`
}

const wrong = (message: string) => new TerminalError(message, { code: 'bad_value' })
