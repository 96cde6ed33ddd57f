import { asText, type Json } from '../../../kernel/json.ts'
import { sampleWords } from '../../../lib/suggest.ts'
import type { ExecutionStrategy } from '../../../run/run.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import { PREVIOUS_ITERATION } from '../../plan/instance.ts'
import type { DocumentPath, ReportFinding } from '../diagnostics/finding.ts'
import type { ConditionSpec, HandlerSpec, LoopSpec, PipelineSpec, StepSpec } from '../parse/pipeline-spec.ts'
import { mentionsIn, mentionsInCondition, type TemplateContext } from './names/mentions.ts'
import type { ReferenceContext } from './names/name-finding.ts'
import { resolveMention } from './names/resolve.ts'
import { allLoops, type StepScope } from './names/scopes.ts'
import { holdingConditions } from './names/skippable.ts'
import type { StepFields } from './names/step-fields.ts'
import { isOpenQuestion, mentionsInTags } from './names/tag-mentions.ts'
import { type KnownIds, resolveDependencies } from './routes/dependency-graph.ts'

/** The context shared by all steps of a compilation. */
export type LinkContext = {
  readonly spec: PipelineSpec
  readonly toolbox: Toolbox
  readonly report: ReportFinding
  readonly names: ReadonlySet<string>
  /** nodes whose templates read a map of all steps as a whole */
  readonly readAll: Set<string>
  readonly rules: LinkRules
  /** ids of the steps that can read `error` */
  readonly errorReaders: ReadonlySet<string>
  fieldsOf(node: string): StepFields | undefined
  conditionOf(node: string): string | undefined
}

/** The scopes around a step, its own first. */
export type StepScopes = readonly [StepScope, ...StepScope[]]

/** Whether a read refers to the current iteration. Values of the previous one exist already. */
export const isCurrentIteration = (read: string) => !read.startsWith(PREVIOUS_ITERATION)

/** The node of a step in the innermost of these scopes. */
export const nodeInScope = ({ id }: Pick<StepSpec, 'id'>, [{ prefix }]: StepScopes) => `${prefix}${id}`

/** A text of the author, and its place. */
export type AuthoredText = readonly [value: Json, path: DocumentPath]

/** The rendered texts of a step: its parameters, and an action that contains its text. */
export function templateTexts(spec: StepSpec): readonly AuthoredText[] {
  const { action = '', path, parameters, parametersPath } = spec
  return [
    [isDecision(spec) ? {} : parameters, parametersPath],
    [action, [...path, 'action']],
  ]
}

/** The step's own condition, and the condition that it evaluates as its work. */
export function stepConditions(spec: StepSpec): readonly ConditionSpec[] {
  const { condition, parameters, parametersPath } = spec
  const asked = { text: asText(parameters.condition ?? ''), path: [...parametersPath, 'condition'] }
  return [...(condition ? [condition] : []), ...(isDecision(spec) ? [asked] : [])]
}

const isDecision = ({ tool, action }: StepSpec) => tool === undefined && action === 'evaluate_condition'

export function readsOfStep(
  spec: Pick<StepSpec, 'id' | 'autoTags' | 'condition'>,
  texts: readonly AuthoredText[],
  context: LinkContext,
  levels: StepScopes,
  conditions: readonly ConditionSpec[] = [],
): readonly string[] {
  const { report, names } = context
  const about: TemplateContext = { report, names, step: spec.id }
  const mentions = texts.flatMap(([value, path]) => mentionsIn(value, path, about))
  const condition = conditions.flatMap(({ text, path }) => mentionsInCondition(text, path, about))
  const around = { ...referenceContext(spec, context, levels), handles: context.errorReaders.has(spec.id) }
  const asked = mentionsInTags(spec.autoTags, [...mentions, ...condition], about)
  const { condition: _, ...unconditional } = spec
  const before = { ...referenceContext(unconditional, context, levels), handles: around.handles }
  const resolved = [mentions, condition, asked].flatMap((found) =>
    found.flatMap((mention) => resolveMention(mention, found === condition ? before : around) ?? []),
  )
  return uniqueNames(resolved)
}

/** The steps whose results a question gets when it names nothing: those that its step waits for. */
export function readsForOpenQuestions(spec: StepSpec, context: LinkContext, levels: StepScopes): readonly string[] {
  if (!spec.autoTags?.some(isOpenQuestion)) return []
  const dependencies = spec.dependencies.filter(({ id }) => id !== spec.maybe?.by)
  const needs = declaredNeeds({ ...spec, dependencies }, { ...context, report: () => {} }, levels)
  return [...needs, ...optionalNeeds(spec, levels)]
}

/** The nodes that a step waits for only if a model's answer names them. */
export function optionalNeeds({ maybe }: StepSpec, levels: StepScopes): readonly string[] {
  return (maybe?.of ?? []).map((id) => nodeInScope({ id }, levels))
}

export function referenceContext(
  step: Pick<StepSpec, 'id' | 'condition'>,
  { spec, report, fieldsOf, conditionOf, readAll, names }: LinkContext,
  levels: StepScopes,
): ReferenceContext {
  const holding = holdingConditions(step.condition?.text, levels, names)
  const own = levels[0].before === '' ? levels[1]! : levels[0]
  const readsAll = () => readAll.add(`${own.prefix}${step.id}`)
  return { spec, levels, report, fieldsOf, conditionOf, step: step.id, readsAll, ...(holding && { holding }) }
}

/** The nodes that a step declares as dependencies: siblings, or steps of outer scopes, except the loops around it. */
export function declaredNeeds(
  spec: StepSpec,
  { report, spec: pipeline }: LinkContext,
  levels: StepScopes,
): readonly string[] {
  const levelOf = (id: string) => levels.find(({ ids }, depth) => ids.has(id) && id !== levels[depth - 1]?.loop?.id)
  const known: KnownIds = {
    has: (id) => levelOf(id) !== undefined,
    list: () => idsInScopes(levels, levelOf),
    lies: (id) => locateStep(id, pipeline, levels),
  }
  return resolveDependencies(spec, known, report).map((id) => `${levelOf(id)!.prefix}${id}`)
}

/** Locates a step outside of these scopes. */
function locateStep(id: string, { steps }: PipelineSpec, levels: StepScopes): ReturnType<KnownIds['lies'] & {}> {
  if (levels.some(({ loop }) => loop?.id === id))
    return { where: 'is the loop that contains it', hint: 'Remove it: steps in a loop start with the loop.' }
  const owner = allLoops(steps).find(({ loop }) => loop.body.some((step) => step.id === id))
  return owner && { where: `is in the body of loop \`${owner.id}\``, hint: `Wait for \`${owner.id}\`.` }
}

// the ids of a scope are listed once: its outer scopes are always the same
const lists = new WeakMap<StepScope, readonly string[]>()

function idsInScopes(levels: StepScopes, levelOf: (id: string) => unknown): readonly string[] {
  const list = lists.get(levels[0]) ?? levels.flatMap(({ ids }) => sampleWords(ids)).filter((id) => levelOf(id))
  lists.set(levels[0], list)
  return list
}

/** The names, each once. */
export const uniqueNames = (items: readonly string[]): readonly string[] => [...new Set(items)]

/** Rules that apply to all steps. */
export type LinkRules = {
  readonly toolbox: Toolbox
  readonly report: ReportFinding
  readonly inputs: PipelineSpec['inputs']
  readonly strategy: ExecutionStrategy
  /** handlers for every step, and the nodes they may name */
  readonly handlers: readonly HandlerSpec[]
  readonly top: ReadonlyMap<string, string>
  /** counts names that steps read, wait for and call; throws WorkLimitExceeded above the limit */
  readonly spend: (count: number) => void
  /** counts the names in their questions */
  readonly spendAsked: (count: number) => void
}

/** The cache tags of a step, with their path in the document. */
export function cacheTagTexts({ cacheTags, path }: StepSpec): readonly AuthoredText[] {
  return cacheTags ? [[[...cacheTags], [...path, 'cache', 'tags']]] : []
}

/** A loop without cache tags if the step itself is the body: the tags then belong to each iteration. */
export function withoutBodyCacheTags(spec: StepSpec, { body }: LoopSpec): StepSpec {
  const { cacheTags, ...rest } = spec
  const areOfBody = cacheTags !== undefined && body.some((child) => child.cacheTags === cacheTags)
  return areOfBody ? { ...rest, cache: false } : spec
}
