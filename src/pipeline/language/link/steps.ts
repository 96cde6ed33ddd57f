import type { Json } from '../../../kernel/schema.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import { type CompiledStep, OUTPUTS_NODE, type SyntheticWork } from '../../plan/compiled.ts'
import { isInBody, stepName } from '../../plan/instance.ts'
import { type Action, actionOf } from '../actions/action.ts'
import { withoutOpaque } from '../actions/opaque-parameters.ts'
import { checkPassedOver, nameTool } from '../actions/tool-names.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'
import type { LoopSpec, PipelineSpec, StepSpec } from '../parse/pipeline-spec.ts'
import { compileArtifact, effectWith, locationOf, refuseLocation } from './artifact.ts'
import { type Course, courseOf } from './control-flow.ts'
import { readsToTurn, withTurnings } from './dynamic-routes.ts'
import { type Entry, loopWork, turnsOf } from './loops.ts'
import { mentionsIn, namesWithHyphens, spellAll } from './names/mentions.ts'
import type { Surroundings } from './names/name-finding.ts'
import { reportOutputCycle } from './names/output-reads.ts'
import { resolve } from './names/resolve.ts'
import { bodyLevel, graphLevel, turnLevel } from './names/scopes.ts'
import { fieldsIn } from './names/step-fields.ts'
import { countNames, mentionsInTags, tagsOf } from './names/tag-mentions.ts'
import {
  type Context,
  conditionsOf,
  declaredBy,
  isOfNow,
  type Levels,
  maybeOf,
  nodeOf,
  type Rules,
  readsAround,
  readsOf,
  type Text,
  tagTextsOf,
  textsOf,
  unique,
  withoutTagsOfBody,
} from './reads.ts'
import { checkGlobalHandlers, checkHandlersOfAll, errorReaders, readsToHandle } from './recovery.ts'
import { dependentsOf, findCycle, type Needs } from './routes/dependency-graph.ts'
import { openBudget, TooFar } from './routes/reachability.ts'

type Steps = { [node: string]: CompiledStep }

/** The steps of a pipeline by node, linked by what they declare and what their templates read; all that is wrong is reported. */
export function compileSteps(spec: PipelineSpec, toolbox: Toolbox, report: ReportFinding): Steps {
  try {
    return linkSteps(spec, toolbox, report)
  } catch (error) {
    if (!(error instanceof TooFar)) throw error
    report(
      'too_large',
      spec.steps[0]?.path.slice(0, 1) ?? [],
      'the steps and outputs of this pipeline name one another too often in all',
    )
    return {}
  }
}

/** How often the steps of a pipeline may read, wait for or call on one another in all, and so may their questions. */
const MOST_NAMED = 1_000_000

function linkSteps(spec: PipelineSpec, toolbox: Toolbox, report: ReportFinding): Steps {
  const [spend, spendAsked] = [openBudget(MOST_NAMED), openBudget(MOST_NAMED)]
  const handlers = checkGlobalHandlers(spec, toolbox, report)
  const top = new Map(spec.steps.map(({ id }) => [id, id]))
  const context: Context = {
    spec,
    toolbox,
    report,
    rules: { toolbox, report, inputs: spec.inputs, strategy: spec.strategy, handlers, top, spend, spendAsked },
    errorReaders: errorReaders(spec),
    names: new Set(namesWithHyphens(spec)),
    fieldsOf: fieldsIn(spec, toolbox),
    readAll: new Set(),
  }
  checkHandlersOfAll(handlers, context)
  const drafts = spec.steps.map((step) => draft(step, context, [graphLevel(spec.steps)]))
  if (spec.teller) drafts.unshift(draft(spec.teller, context, [graphLevel(NO_STEPS)]))
  const steps = Object.fromEntries(link(drafts, context.rules).flatMap(({ step, body }) => [step, ...body]))
  const all = spec.outputs.length === 0 ? steps : { ...steps, [OUTPUTS_NODE]: outputsStep(context) }
  for (const node of context.readAll)
    all[node] = { ...all[node]!, reads: unique([...all[node]!.reads, ...before(node, all, spend)]) }
  return all
}

/** The steps that have ended for sure when this one starts: all it waits for, and its loop; before the outputs all. */
function before(node: string, steps: Steps, spend: Rules['spend']): readonly string[] {
  if (node === OUTPUTS_NODE) return Object.keys(steps).filter((other) => other !== OUTPUTS_NODE && !isInBody(other))
  const found = new Set<string>()
  const open = [node]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const { needs } = steps[at]!
    spend(1 + needs.length)
    for (const need of needs) if (!found.has(need)) open.push(found.add(need) && need)
    if (isInBody(at)) open.push(at.slice(0, at.lastIndexOf('.')))
  }
  return [...found]
}

// one step

/** A step without its place in the graph; `waits`: nodes it waits for; a loop's body is linked already. */
type Draft = {
  readonly spec: StepSpec
  readonly node: string
  readonly waits: readonly string[]
  /** those of them that it waits for only if it is told to */
  readonly maybe: readonly string[]
  readonly reads: readonly string[]
  readonly action: Action | undefined
  readonly body: readonly Entry[]
}
function draft(spec: StepSpec, context: Context, levels: Levels): Draft {
  return spec.loop ? draftLoop(spec, spec.loop, context, levels) : draftStep(spec, context, levels)
}

function draftStep(given: StepSpec, context: Context, levels: Levels): Draft {
  const spec = nameTool(given, context.toolbox)
  checkPassedOver(given, spec, context.report)
  const texts = [...textsOf(withoutOpaque(spec, context.toolbox)), ...locationOf(spec), ...tagTextsOf(spec)]
  const own = readsOf(spec, texts, context, levels, conditionsOf(spec))
  const named = [...own, ...readsToHandle(spec, context, levels), ...readsToTurn(spec, context, levels)]
  const reads = unique([...named, ...readsAround(spec, context, levels)])
  context.rules.spend(reads.length)
  const node = nodeOf(spec, levels)
  const action = spec.made ? MADE(spec.made) : actionOf(spec, context.toolbox, context.report)
  if (action?.work.type === 'chain' || action?.work.type === 'ask') refuseLocation(spec, 'a question', context.report)
  return { spec, node, ...waitsOf(spec, named, context, levels), reads, action, body: [] }
}

const MADE = (work: SyntheticWork): Action => ({ work, effect: 'idempotent' })

/** What it waits for in any case, and what only if it is told to. */
function waitsOf(spec: StepSpec, named: readonly string[], context: Context, levels: Levels) {
  const fixed = unique([...declaredBy(spec, context, levels), ...named.filter(isOfNow)])
  const sure = new Set(fixed)
  const maybe = context.rules.strategy === 'sequential' ? [] : maybeOf(spec, levels).filter((node) => !sure.has(node))
  return { waits: unique([...fixed, ...maybeOf(spec, levels)]), maybe }
}

/** A loop waits for all that its body takes from outside. */
function draftLoop(given: StepSpec, loop: LoopSpec, context: Context, levels: Levels): Draft {
  const spec = withoutTagsOfBody(given, loop)
  const within = bodyLevel(spec, loop, levels[0])
  const inner = loop.body.map((step) => draft(step, context, [within, ...levels]))
  const linked = link(inner, context.rules)
  const width = typeof loop.maxParallel === 'number' ? undefined : loop.maxParallel
  const texts = [loop.list, loop.turns?.most, width].flatMap((text): Text[] => (text ? [[text.value, text.path]] : []))
  const { turns, reads: asked, tags } = turnsOf(spec, loop, context, [turnLevel(within), ...levels])
  const conditions = spec.condition ? [spec.condition] : []
  const own = readsOf(spec, [...texts, ...tagTextsOf(spec)], context, levels, conditions)
  const then = [...readsToHandle(spec, context, levels), ...readsToTurn(spec, context, levels)]
  const named = [...own, ...asked, ...then]
  const reads = unique([...named, ...readsAround(spec, context, levels)])
  const outer = inner.flatMap(({ waits }) => waits).filter((node) => !node.startsWith(within.prefix))
  const { waits, maybe } = waitsOf(spec, [...named, ...outer], context, levels)
  const steps = linked.map(({ step }) => step)
  const bounded = context.rules.strategy === 'sequential' ? { ...loop, maxParallel: 1 } : loop
  const work = { ...loopWork(bounded, steps), ...(turns && { turns }) }
  const body = linked.flatMap(({ step, body }) => [step, ...body])
  // where the loop is its own body the file is that of each iteration
  const { artifact, ...rest } = spec
  const autos = [...(spec.autos ?? []), ...tags]
  const plain: StepSpec = { ...rest, ...(autos.length > 0 && { autos }) }
  if (!loop.body.some((child) => child.artifact === artifact)) refuseLocation(spec, 'a loop', context.report)
  return { spec: plain, node: nodeOf(spec, levels), waits, maybe, reads, action: { work, effect: 'pure' }, body }
}

// the graph

type Linked = { readonly step: Entry; readonly body: readonly Entry[] }

/** The steps of one scope with their edges; what lies outside it is not theirs to wait for. */
function link(drafts: readonly Draft[], rules: Rules): readonly Linked[] {
  const { report } = rules
  const course = courseOf(drafts, rules)
  const { needs } = course
  const dependents = dependentsOf(needs)
  reportCycle(drafts, needs, rules)
  for (const draft of drafts) reportImplied(draft, report)
  // where it leads elsewhere, who may wait for it has to
  const leading = new Set(drafts.flatMap(({ node, spec }) => (leadsOn(spec) ? [node] : [])))
  const told = (draft: Draft) => ({ ...draft, maybe: draft.maybe.filter((node) => !leading.has(node)) })
  return drafts.map((draft) => {
    const step = finish(told(draft), course, dependents[draft.node]!)
    rules.spendAsked(namesAsked(step))
    return { step: [draft.node, step], body: draft.body }
  })
}

/** How many names stand in what a step asks models. */
function namesAsked({ autos = [], turnings = {} }: CompiledStep): number {
  return [autos, ...Object.values(turnings).map(({ autos }) => autos)].reduce((sum, tags) => sum + countNames(tags), 0)
}

const leadsOn = ({ routes, onFailure, onError }: StepSpec) =>
  routes.length > 0 || onFailure === 'skip' || onError !== undefined

function reportCycle(drafts: readonly Draft[], needs: Needs, { report, inputs }: Rules): void {
  const cycle = findCycle(needs)
  if (!cycle) return
  const { spec } = drafts.find(({ node }) => node === cycle[0])!
  const shown = [...cycle, cycle[0]!].map(stepName).join(' → ')
  const input = cycle.map(stepName).find((id) => Object.hasOwn(inputs, id))
  const hint = input && `\`${input}\` is an input as well: write inputs.${input} where that is meant`
  report('dependency_cycle', spec.path, `steps wait for each other: ${shown}`, { step: spec.id, hint })
}

function reportImplied({ spec, reads }: Draft, report: ReportFinding): void {
  const declared = new Set(spec.dependencies.map(({ id }) => id))
  for (const node of reads.filter(isOfNow)) {
    const id = stepName(node)
    if (declared.has(id)) continue
    report('implicit_dependency', spec.path, `\`${spec.id}\` waits for \`${id}\`, whose result it reads`, {
      step: spec.id,
      about: { step: id },
    })
  }
}

function finish(draft: Draft, course: Course, dependents: readonly string[]): CompiledStep {
  const { spec, node, reads, action = NOTHING } = draft
  const needs = course.needs[node]!
  const artifact = spec.artifact && compileArtifact(spec.artifact)
  const effect = effectWith(artifact, spec.effect ?? action.effect)
  const work =
    'parameters' in action.work ? { ...action.work, parameters: spellFields(action.work.parameters) } : action.work
  const step: CompiledStep = {
    id: spec.id,
    work,
    ...(spec.condition && { condition: spec.condition.text }),
    ...(spec.autos && { autos: tagsOf(spec.autos, spec) }),
    ...(spec.modelNeeds && { modelNeeds: spec.modelNeeds }),
    ...(spec.cache !== undefined && { cache: spec.cache }),
    ...(spec.cacheTags && { cacheTags: spellAll([...spec.cacheTags]) as string[] }),
    needs,
    dependents,
    ...(spec.maybe &&
      draft.maybe.length > 0 && { maybe: { by: node.slice(0, -spec.id.length) + spec.maybe.by, of: draft.maybe } }),
    reads,
    onFailure: 'fail',
    effect,
    attempts: spec.attempts ?? (effect === 'at-most-once' ? 1 : 3),
    insists: spec.attempts !== undefined,
    ...(spec.timeout !== undefined && { timeout: spec.timeout }),
    ...(spec.backoff && { backoff: spec.backoff }),
    ...(artifact && { artifact }),
  }
  return withTurnings(course.complete(step, node), spec)
}

const NO_STEPS: readonly StepSpec[] = []

/** Stands in for an action that was reported, so that the rest is compiled all the same. */
const NOTHING: Action = { work: { type: 'tool', tool: '', parameters: {} }, effect: 'pure' }

function outputsStep(context: Context): CompiledStep {
  const { spec, report, names, fieldsOf } = context
  reportOutputCycle(spec, report, resolve)
  const own = spec.outputs.flatMap(({ value, path }) => mentionsIn(value, path, { report, names }))
  const mentions = [...own, ...mentionsInTags(spec.autos, own, { report, names })]
  const levels = [graphLevel(spec.steps)]
  const around: Surroundings = { spec, levels, report, fieldsOf, readsAll: () => context.readAll.add(OUTPUTS_NODE) }
  const reads = unique(mentions.flatMap((mention) => resolve(mention, around) ?? []))
  const values = Object.fromEntries(spec.outputs.map(({ name, value }) => [name, spellAll(value)]))
  const shape = { needs: [], dependents: [], onFailure: 'fail', effect: 'pure', attempts: 3, insists: false } as const
  const autos = spec.autos && { autos: tagsOf(spec.autos, { dependencies: [] }) }
  return { id: OUTPUTS_NODE, work: { type: 'outputs', values }, reads, ...shape, ...autos }
}

function spellFields(fields: { readonly [name: string]: Json }): { readonly [name: string]: Json } {
  return spellAll(fields) as { readonly [name: string]: Json }
}
