import { present } from '../../../lib/json/present.ts'
import { OUTPUTS_STEP } from '../../../step/record/outcome.ts'
import type { LookUpByTool } from '../../../tool/once/call-finding.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import type { CompiledStep, StepModels, SyntheticWork } from '../../plan/compiled.ts'
import { isInBody, stepName } from '../../plan/instance.ts'
import { resolveAction, type StepAction } from '../actions/action.ts'
import { withoutOpaque } from '../actions/opaque-parameters.ts'
import { resolveToolName, warnIgnoredParameters } from '../actions/tool-names.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'
import type { LoopSpec, PipelineSpec, StepSpec } from '../parse/pipeline-spec.ts'
import { compileArtifact, effectWithArtifact, locationTexts, refuseLocation } from './artifact.ts'
import { type ControlFlow, linkControlFlow, withReads } from './control-flow.ts'
import { readsOfDynamicRoutes, withDynamicRoutes } from './dynamic-routes.ts'
import { normalizeWork } from './handler-actions.ts'
import { linkLookUp, readsOfLookUp } from './look-up.ts'
import { linkLoop, linkRepeatConditions, type StepEntry } from './loops.ts'
import { hyphenatedNames, normalizeTexts } from './names/mentions.ts'
import { bodyScope, graphScope, nextIterationScope } from './names/scopes.ts'
import { createConditions } from './names/skippable.ts'
import { createStepFields } from './names/step-fields.ts'
import { compileTags, countTagNames } from './names/tag-mentions.ts'
import { outputsStep } from './outputs.ts'
import type { AuthoredText, LinkContext, LinkRules, StepScopes } from './reads.ts'
import {
  cacheTagTexts,
  declaredNeeds,
  isCurrentIteration,
  nodeInScope,
  optionalNeeds,
  readsForOpenQuestions,
  readsOfStep,
  stepConditions,
  templateTexts,
  uniqueNames,
  withoutBodyCacheTags,
} from './reads.ts'
import { checkGlobalHandlerReads, checkGlobalHandlers, errorReaders, readsOfHandlers } from './recovery.ts'
import { type DependencyGraph, dependentsOf, findCycle } from './routes/dependency-graph.ts'
import { createWorkBudget, WorkLimitExceeded } from './routes/reachability.ts'

type StepsByNode = { [node: string]: CompiledStep }

/** The steps of a pipeline by node, linked by declared dependencies and what templates read. Reports all faults. */
export function compileSteps(spec: PipelineSpec, toolbox: Toolbox, report: ReportFinding): StepsByNode {
  try {
    return linkSteps(spec, toolbox, report)
  } catch (error) {
    if (!(error instanceof WorkLimitExceeded)) throw error
    report(
      'too_large',
      spec.steps[0]?.path.slice(0, 1) ?? [],
      'the steps and outputs of this pipeline have too many references in total',
    )
    return {}
  }
}

/** Maximum names that the steps of a pipeline, or their questions, may read, wait for or call in total. */
const MAX_NAMES = 1_000_000

function linkSteps(spec: PipelineSpec, toolbox: Toolbox, report: ReportFinding): StepsByNode {
  const [spend, spendAsked] = [createWorkBudget(MAX_NAMES), createWorkBudget(MAX_NAMES)]
  const handlers = checkGlobalHandlers(spec, toolbox, report)
  const top = new Map(spec.steps.map(({ id }) => [id, id]))
  const context: LinkContext = {
    spec,
    toolbox,
    report,
    rules: { toolbox, report, inputs: spec.inputs, strategy: spec.strategy, handlers, top, spend, spendAsked },
    errorReaders: errorReaders(spec),
    names: new Set(hyphenatedNames(spec)),
    fieldsOf: createStepFields(spec, toolbox),
    conditionOf: createConditions(spec),
    readAll: new Set(),
  }
  checkGlobalHandlerReads(handlers, context)
  const drafts = spec.steps.map((step) => draft(step, context, [graphScope(spec.steps)]))
  if (spec.teller) drafts.unshift(draft(spec.teller, context, [graphScope(NO_STEPS)]))
  const steps = Object.fromEntries(linkScope(drafts, context.rules).flatMap(({ step, body }) => [step, ...body]))
  const all = spec.outputs.length === 0 ? steps : { ...steps, [OUTPUTS_STEP]: outputsStep(context) }
  for (const node of context.readAll) all[node] = withReads(all[node]!, endedBefore(node, all, spend))
  return all
}

/** The steps that have ended when this one starts: all it waits for, and those of its loop. For outputs: all. */
function endedBefore(node: string, steps: StepsByNode, spend: LinkRules['spend']): readonly string[] {
  if (node === OUTPUTS_STEP) return Object.keys(steps).filter((other) => other !== OUTPUTS_STEP && !isInBody(other))
  const found = new Set<string>()
  const open = [node]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { needs } = steps[at]!.edges
    spend(1 + needs.length)
    for (const need of needs) if (!found.has(need)) open.push(found.add(need) && need)
    if (isInBody(at)) open.push(at.slice(0, at.lastIndexOf('.')))
  }
  return [...found]
}

// single steps

/** A step without its place in the graph. `waits`: nodes it waits for. The body of a loop is already linked. */
type StepDraft = {
  readonly spec: StepSpec
  readonly node: string
  readonly waits: readonly string[]
  /** nodes among these that it waits for only if a model's answer names them */
  readonly maybe: readonly string[]
  readonly reads: readonly string[]
  readonly action: StepAction | undefined
  readonly lookUp?: LookUpByTool
  readonly body: readonly StepEntry[]
}
function draft(spec: StepSpec, context: LinkContext, levels: StepScopes): StepDraft {
  return spec.loop ? draftLoop(spec, spec.loop, context, levels) : draftStep(spec, context, levels)
}

function draftStep(given: StepSpec, context: LinkContext, levels: StepScopes): StepDraft {
  const spec = resolveToolName(given, context.toolbox)
  warnIgnoredParameters(given, spec, context.report)
  const texts = [...templateTexts(withoutOpaque(spec, context.toolbox)), ...locationTexts(spec), ...cacheTagTexts(spec)]
  const own = readsOfStep(spec, texts, context, levels, stepConditions(spec))
  const named = [
    ...own,
    ...readsOfHandlers(spec, context, levels),
    ...readsOfDynamicRoutes(spec, context, levels),
    ...readsOfLookUp(spec, context, levels),
  ]
  const reads = uniqueNames([...named, ...readsForOpenQuestions(spec, context, levels)])
  context.rules.spend(reads.length)
  const node = nodeInScope(spec, levels)
  const action = spec.made ? syntheticAction(spec.made) : resolveAction(spec, context.toolbox, context.report)
  if (action?.work.type === 'chain' || action?.work.type === 'ask') refuseLocation(spec, 'a question', context.report)
  const lookUp = action && linkLookUp(spec, action, context)
  const waits = stepDependencies(spec, named, context, levels)
  return { spec, node, ...waits, reads, action, ...(lookUp && { lookUp }), body: [] }
}

const syntheticAction = (work: SyntheticWork): StepAction => ({ work, effect: 'idempotent' })

/** The required and the optional dependencies of a step. */
function stepDependencies(spec: StepSpec, named: readonly string[], context: LinkContext, levels: StepScopes) {
  const fixed = uniqueNames([...declaredNeeds(spec, context, levels), ...named.filter(isCurrentIteration)])
  const sure = new Set(fixed)
  const maybe =
    context.rules.strategy === 'sequential' ? [] : optionalNeeds(spec, levels).filter((node) => !sure.has(node))
  return { waits: uniqueNames([...fixed, ...optionalNeeds(spec, levels)]), maybe }
}

/** A loop waits for all outside steps that its body reads. */
function draftLoop(given: StepSpec, loop: LoopSpec, context: LinkContext, levels: StepScopes): StepDraft {
  const spec = withoutBodyCacheTags(given, loop)
  const within = bodyScope(spec, loop, levels[0])
  const inner = loop.body.map((step) => draft(step, context, [within, ...levels]))
  const linked = linkScope(inner, context.rules)
  const width = typeof loop.maxParallel === 'number' ? undefined : loop.maxParallel
  const texts = [loop.list, loop.turns?.most, width].flatMap((text): AuthoredText[] =>
    text ? [[text.value, text.path]] : [],
  )
  const {
    turns,
    reads: asked,
    tags,
  } = linkRepeatConditions(spec, loop, context, [nextIterationScope(within), ...levels])
  const conditions = spec.condition ? [spec.condition] : []
  const own = readsOfStep(spec, [...texts, ...cacheTagTexts(spec)], context, levels, conditions)
  const then = [...readsOfHandlers(spec, context, levels), ...readsOfDynamicRoutes(spec, context, levels)]
  const named = [...own, ...asked, ...then]
  const reads = uniqueNames([...named, ...readsForOpenQuestions(spec, context, levels)])
  const outer = inner.flatMap(({ waits }) => waits).filter((node) => !node.startsWith(within.prefix))
  const { waits, maybe } = stepDependencies(spec, [...named, ...outer], context, levels)
  const steps = linked.map(({ step }) => step)
  const bounded = context.rules.strategy === 'sequential' ? { ...loop, maxParallel: 1 } : loop
  const work = linkLoop(bounded, steps, turns)
  const body = linked.flatMap(({ step, body }) => [step, ...body])
  // if the step itself is the body of the loop, each iteration writes the file
  const { artifact, ...rest } = spec
  const autoTags = [...(spec.autoTags ?? []), ...tags]
  const plain: StepSpec = { ...rest, ...(autoTags.length > 0 && { autoTags }) }
  if (!loop.body.some((child) => child.artifact === artifact)) refuseLocation(spec, 'a loop', context.report)
  return { spec: plain, node: nodeInScope(spec, levels), waits, maybe, reads, action: { work, effect: 'pure' }, body }
}

// the graph

type LinkedStep = { readonly step: StepEntry; readonly body: readonly StepEntry[] }

/** Links the steps of one scope by their edges. A step waits only for steps of its own scope. */
function linkScope(drafts: readonly StepDraft[], rules: LinkRules): readonly LinkedStep[] {
  const { report } = rules
  const course = linkControlFlow(drafts, rules)
  const { needs } = course
  const dependents = dependentsOf(needs)
  reportCycle(drafts, needs, rules)
  for (const draft of drafts) reportImplied(draft, report)
  // a step with routes must always be waited for, even by steps that may wait for it only on an answer
  const leading = new Set(drafts.flatMap(({ node, spec }) => (leadsOn(spec) ? [node] : [])))
  const waitingFor = (draft: StepDraft) => ({ ...draft, maybe: draft.maybe.filter((node) => !leading.has(node)) })
  return drafts.map((draft) => {
    const step = compileStep(waitingFor(draft), course, dependents[draft.node]!)
    rules.spendAsked(countAskedNames(step))
    return { step: [draft.node, step], body: draft.body }
  })
}

/** The number of names in the questions of a step. */
function countAskedNames({ model, routing }: CompiledStep): number {
  return [model?.autoTags ?? [], ...Object.values(routing?.dynamicRoutes ?? {}).map(({ autoTags }) => autoTags)].reduce(
    (sum, tags) => sum + countTagNames(tags),
    0,
  )
}

const leadsOn = ({ routes, onFailure, onError }: StepSpec) =>
  routes.length > 0 || onFailure === 'skip' || onError !== undefined

function reportCycle(drafts: readonly StepDraft[], needs: DependencyGraph, { report, inputs }: LinkRules): void {
  const cycle = findCycle(needs)
  if (!cycle) return
  const { spec } = drafts.find(({ node }) => node === cycle[0])!
  const shown = [...cycle, cycle[0]!].map(stepName).join(' → ')
  const input = cycle.map(stepName).find((id) => Object.hasOwn(inputs, id))
  const hint = input && `\`${input}\` is also an input: write \`inputs.${input}\` for the input.`
  report('dependency_cycle', spec.path, `steps wait for each other: ${shown}`, { step: spec.id, hint })
}

function reportImplied({ spec, reads }: StepDraft, report: ReportFinding): void {
  const declared = new Set(spec.dependencies.map(({ id }) => id))
  for (const node of reads.filter(isCurrentIteration)) {
    const id = stepName(node)
    if (declared.has(id)) continue
    report('implicit_dependency', spec.path, `\`${spec.id}\` waits for \`${id}\`, whose result it reads`, {
      step: spec.id,
      about: { step: id },
    })
  }
}

function compileStep(draft: StepDraft, course: ControlFlow, dependents: readonly string[]): CompiledStep {
  const { spec, node, reads, action = PLACEHOLDER_ACTION } = draft
  const needs = course.needs[node]!
  const artifact = spec.artifact && compileArtifact(spec.artifact)
  const effect = effectWithArtifact(artifact, spec.effect ?? action.effect)
  const model = modelOf(spec)
  const step: CompiledStep = {
    id: spec.id,
    work: normalizeWork(action.work),
    edges: {
      needs,
      dependents,
      ...(spec.maybe &&
        draft.maybe.length > 0 && { maybe: { by: node.slice(0, -spec.id.length) + spec.maybe.by, of: draft.maybe } }),
      reads,
    },
    policy: {
      effect,
      attempts: spec.attempts ?? (effect === 'at-most-once' ? 1 : 3),
      ...(spec.attempts !== undefined && { retryReported: true }),
      ...present({ backoff: spec.backoff, timeout: spec.timeout, priority: spec.priority }),
    },
    ...(Object.keys(model).length > 0 && { model }),
    ...(spec.condition && { routing: { condition: spec.condition.text } }),
    ...(artifact && { artifact }),
    ...(draft.lookUp && { lookUp: draft.lookUp }),
  }
  return withDynamicRoutes(course.complete(step, node), spec)
}

function modelOf(spec: StepSpec): StepModels {
  return {
    ...(spec.autoTags && { autoTags: compileTags(spec.autoTags, spec) }),
    ...present({ needs: spec.modelNeeds, cache: spec.cache }),
    ...(spec.cacheTags && { cacheTags: normalizeTexts(spec.cacheTags) }),
    ...present({ patience: spec.patience, onTruncated: spec.onTruncated, promptCache: spec.promptCache }),
  }
}

const NO_STEPS: readonly StepSpec[] = []

/** Stands for an action that was reported, so that the rest can still be compiled. */
const PLACEHOLDER_ACTION: StepAction = { work: { type: 'tool', tool: '', parameters: {} }, effect: 'pure' }
