import { z } from 'zod'
import { maybe, type Plain } from '../../document.ts'
import type { ModelUse } from '../../step/record/model-use.ts'
import { OUTPUTS_STEP } from '../../step/record/outcome.ts'
import { topologicalLevels as levelsAmong } from '../language/link/control-flow.ts'
import type { CompiledPipeline, CompiledStep, StepWork } from '../plan/compiled.ts'
import { isInBody, stepName } from '../plan/instance.ts'
import type { StepRouting } from '../plan/routing.ts'

const range = z.object({ least: z.number(), median: z.number(), most: z.number() }).meta({ id: 'Range' })

/** The minimum, median and maximum of some measurements. */
export type MeasuredRange = Plain<typeof range>

const taken = z.object({ times: z.number(), ms: maybe(range), cost: maybe(range) }).meta({ id: 'Taken' })

/** The usage of earlier runs: ms and dollars, and the number of known values. */
export type EarlierUsage = Plain<typeof taken>

const stepFields = {
  id: z.string(),
  /** its work: `filesystem:read`, `generate`, `for_each` */
  does: z.string(),
  needs: z.array(z.string()),
  effect: z.string(),
  condition: maybe(z.string()),
  /** runs only when another step leads to it by a route, or needs it as a handler */
  onDemand: maybe(z.literal(true)),
  /** its command has several lines, and stops at the first one that fails */
  stopsAtFailure: maybe(z.literal(true)),
  /** the model that would answer, and why; without an id, the model is chosen during the run */
  model: maybe(z.object({ id: maybe(z.string()), why: z.string() })),
  /** the steps and models that replace it when it fails, in this order */
  fallback: maybe(z.array(z.string())),
  /** the steps of a loop, in the author's order */
  get body(): z.ZodExactOptional<z.ZodArray<z.ZodType<PlannedStep>>> {
    return maybe(z.array(plannedStep))
  },
  taken: maybe(taken),
}

/** A step as it would run. */
export type PlannedStep = Plain<z.ZodObject<Omit<typeof stepFields, 'body'>>> & {
  readonly body?: readonly PlannedStep[]
}

const plannedStep: z.ZodType<PlannedStep> = z.object(stepFields).meta({ id: 'PlannedStep' })

const planFields = {
  pipeline: z.string(),
  levels: z.array(z.array(plannedStep)),
  taken: maybe(taken),
  /** the graph as a Mermaid flowchart */
  mermaid: z.string(),
}

export const plan = z.object(planFields).meta({ id: 'Plan' })

/** The steps of a run by level. All dependencies of a level are in earlier levels. */
export type Plan = Plain<z.ZodObject<typeof planFields>>

/** Facts about a step besides its place in the graph. */
type StepFacts = (node: string, step: CompiledStep) => Pick<PlannedStep, 'model' | 'taken'>

export function planOf(pipeline: CompiledPipeline, facts: StepFacts, taken?: EarlierUsage): Plan {
  const show = (node: string): PlannedStep => planStep(pipeline, node, facts)
  return {
    pipeline: pipeline.name,
    levels: levelsOf(pipeline).map((level) => level.map(show)),
    ...(taken && { taken }),
    mermaid: mermaidOf(pipeline),
  }
}

function planStep(pipeline: CompiledPipeline, node: string, facts: StepFacts): PlannedStep {
  const step = pipeline.steps[node]!
  const { work, edges, policy, routing: { condition, standby, onDemand } = ALWAYS } = step
  return {
    id: step.id,
    does: actionOf(work),
    needs: edges.needs.map(stepName),
    effect: policy.effect,
    ...(condition !== undefined && { condition }),
    ...((standby || onDemand) && { onDemand: true as const }),
    ...(stopsAtFailure(work) && { stopsAtFailure: true as const }),
    ...facts(node, step),
    ...fallbackOf(step),
    ...(work.type === 'loop' && { body: work.body.map((child) => planStep(pipeline, child, facts)) }),
  }
}

const ALWAYS: StepRouting = {}

const stopsAtFailure = (work: StepWork) => work.type === 'tool' && work.parameters.stop_on_error === true

function fallbackOf({ recovery }: CompiledStep): Pick<PlannedStep, 'fallback'> {
  const fallback = (recovery?.recoveries ?? []).filter(({ type }) => type === 'fallback').map(({ by }) => by)
  return fallback.length === 0 ? {} : { fallback }
}

function actionOf(work: StepWork): string {
  switch (work.type) {
    case 'tool':
      return work.operation === undefined ? work.tool : `${work.tool}:${work.operation}`
    case 'ask':
      return work.tool
    case 'text':
      return work.action
    case 'loop':
      return work.shape
    default:
      return work.type
  }
}

/** The steps of the graph by the longest chain of steps before them; within a level in the author's order. */
export function levelsOf({ steps }: CompiledPipeline): readonly (readonly string[])[] {
  const nodes = Object.keys(steps).filter((node) => node !== OUTPUTS_STEP && !isInBody(node))
  return levelsAmong(Object.fromEntries(nodes.map((node) => [node, steps[node]!.edges.needs])))
}

function mermaidOf(pipeline: CompiledPipeline): string {
  const { steps } = pipeline
  const nodes = Object.keys(steps).filter((node) => node !== OUTPUTS_STEP)
  const lines = nodes.filter((node) => !isInBody(node)).flatMap((node) => nodeLines(pipeline, node, '  '))
  const edges = nodes.flatMap((node) => steps[node]!.edges.needs.map((need) => `  ${keyOf(need)} --> ${keyOf(node)}`))
  return ['flowchart TD', ...lines, ...edges].join('\n')
}

function nodeLines(pipeline: CompiledPipeline, node: string, indent: string): readonly string[] {
  const { id, work } = pipeline.steps[node]!
  const shown = `${keyOf(node)}["${id}<br/>${actionOf(work)}"]`
  if (work.type !== 'loop') return [`${indent}${shown}`]
  const body = work.body.flatMap((child) => nodeLines(pipeline, child, `${indent}  `))
  return [`${indent}subgraph ${shown}`, ...body, `${indent}end`]
}

// ids contain letters, digits, _ and -; some words of Mermaid cannot be names
const keyOf = (node: string) => `s_${node.replaceAll('.', '__')}`

/** The range of some numbers; undefined when there are none. */
export function rangeOf(numbers: readonly number[]): MeasuredRange | undefined {
  if (numbers.length === 0) return undefined
  const sorted = numbers.toSorted((a, b) => a - b)
  return { least: sorted[0]!, median: sorted[Math.floor((sorted.length - 1) / 2)]!, most: sorted.at(-1)! }
}

/** The cost of model calls in dollars; undefined when none is known. */
export function costOf(models: readonly ModelUse[]): number | undefined {
  const costs = models.flatMap(({ cost }) => cost ?? [])
  return costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0)
}
