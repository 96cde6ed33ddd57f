import type { Json } from '../../../kernel/schema.ts'
import { present } from '../../../lib/json/present.ts'
import type { ArtifactSpec } from '../../../step/record/artifact.ts'
import { inputSchemaOf, type ObjectSchema, type PropertySchema } from '../../../tool/schema.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import { ITERATION_TAG_PREFIX } from '../../plan/auto-tag.ts'
import { INPUTS_NODE } from '../../plan/compiled.ts'
import type { InputSpec } from '../../plan/inputs.ts'
import { resolveToolCall } from '../actions/action.ts'
import { splitOpaque } from '../actions/opaque-parameters.ts'
import { resolveToolName } from '../actions/tool-names.ts'
import type { ReportFinding } from '../diagnostics/finding.ts'
import { FILE_KINDS } from '../parse/file-kinds.ts'
import { declaredPlace, withDeclaredPlace } from '../parse/inputs/given-inputs.ts'
import {
  type ConditionSpec,
  EMPTY_STEP,
  type LoopSpec,
  MAX_ROUTE_CHOICES,
  type OutputSpec,
  type PipelineSpec,
  type RepeatSpec,
  type RouteSpec,
  type StepSpec,
} from '../parse/pipeline-spec.ts'
import { hasAutoTag } from '../source/find-tags.ts'
import { createTagLifter, type TagLifter } from './lifter.ts'

/** Takes every <AUTO> tag out of the texts of a pipeline and lists it with its step. Faults of tags are reported. */
export function liftTags(given: PipelineSpec, toolbox: Toolbox, report: ReportFinding): PipelineSpec {
  const spec = liftInputs(given, report)
  const lifter = createTagLifter(report, undefined, '__auto_o')
  const outputs = spec.outputs.map(
    (output): OutputSpec => ({ ...output, value: lifter.lift(output.value, output.path, {}) }),
  )
  const autoTags = lifter.taken()
  return { ...spec, steps: liftSteps(spec.steps, toolbox, report), outputs, ...(autoTags.length > 0 && { autoTags }) }
}

function liftSteps(steps: readonly StepSpec[], toolbox: Toolbox, report: ReportFinding): readonly StepSpec[] {
  return steps
    .flatMap((step, index) => (step.dependsOn ? withDependsStep(step, steps.slice(0, index), steps, report) : [step]))
    .map((step) => (step.made ? step : liftStep(step, toolbox, report)))
}

function liftStep(given: StepSpec, toolbox: Toolbox, report: ReportFinding): StepSpec {
  const lifter = createTagLifter(report, given.id)
  const step = given.loop ? given : withHint(liftAction(given))
  const condition = step.condition && {
    ...step.condition,
    text: lifter.text(step.condition.text, step.condition.path, { key: 'condition' }),
  }
  // a loop's own action is its body
  const parameters = step.loop ? step.parameters : liftParameters(step, lifter, toolbox)
  const loop = step.loop && liftLoop(step.id, step.loop, lifter, toolbox, report)
  // if the step itself is the body of the loop, each iteration writes the file
  const own = step.loop?.body.findIndex(({ artifact }) => artifact !== undefined && artifact === step.artifact) ?? -1
  const artifact = loop ? (loop.body[own]?.artifact ?? step.artifact) : liftArtifact(step, lifter)
  const autoTags = lifter.taken()
  return {
    ...step,
    parameters,
    ...present({ condition, loop, artifact }),
    routes: step.routes.map((route) => liftRoute(route, step.id, report)),
    ...(autoTags.length > 0 && { autoTags }),
  }
}

function liftParameters(step: StepSpec, lifter: TagLifter, toolbox: Toolbox): StepSpec['parameters'] {
  const tool = step.tool === undefined ? undefined : toolbox.find(step.tool)
  const { rendered, opaque } = splitOpaque(tool, step.parameters)
  const lifted = lifter.lift(rendered, step.parametersPath, propertiesOf(step, toolbox))
  return { ...(lifted as StepSpec['parameters']), ...opaque }
}

function liftLoop(id: string, loop: LoopSpec, lifter: TagLifter, toolbox: Toolbox, report: ReportFinding): LoopSpec {
  const { list, turns, body } = loop
  return {
    ...loop,
    ...(list && { list: { ...list, value: liftList(list, lifter) } }),
    ...(turns && { turns: liftRepeatConditions(turns, lifter, createTagLifter(report, id, ITERATION_TAG_PREFIX)) }),
    body: liftSteps(body, toolbox, report),
  }
}

function liftList({ value, path }: NonNullable<LoopSpec['list']>, lifter: TagLifter): Json {
  if (typeof value !== 'string') return lifter.lift(value, path, {})
  return lifter.text(value, path, { key: 'for_each' })
}

/** Tags in loop conditions are asked again for each iteration. Those in the maximum are asked once. */
function liftRepeatConditions(turns: RepeatSpec, lifter: TagLifter, asker: TagLifter): RepeatSpec {
  const { while: goesOn, until, most, ...rest } = turns
  const lift = ({ text, path }: ConditionSpec) => ({ text: asker.text(text, path, { key: 'until' }), path })
  const lifted = { ...(goesOn && { while: lift(goesOn) }), ...(until && { until: lift(until) }) }
  const autoTags = asker.taken()
  return {
    ...rest,
    ...lifted,
    most: { ...most, value: lifter.lift(most.value, most.path, {}) },
    ...(autoTags.length > 0 && { autoTags }),
  }
}

/** Tags in routes are asked when the step has ended. Their possible targets are known once the graph is linked. */
function liftRoute(route: RouteSpec, id: string, report: ReportFinding): RouteSpec {
  if (!route.asks) return route
  const lifter = createTagLifter(report, id, `__auto_${route.on === 'success' ? 'g' : 'f'}`)
  const to = lifter.text(route.to, route.path, { key: 'goto', shape: { type: 'choice', choices: [] } })
  return { ...route, to, asks: lifter.taken() }
}

/** Lifts the tags in the location and format of an artifact. */
function liftArtifact({ artifact, path }: StepSpec, lifter: TagLifter): ArtifactSpec | undefined {
  if (!artifact) return undefined
  const { location, format, ...rest } = artifact
  const kinds = { type: 'choice', choices: Object.keys(FILE_KINDS) } as const
  return {
    ...rest,
    ...(location !== undefined && { location: lifter.text(location, [...path, 'location'], { key: 'location' }) }),
    ...(format !== undefined && { format: lifter.text(format, [...path, 'format'], { key: 'format', shape: kinds }) }),
  }
}

/** The prompt also states the kind of artifact to produce. */
function withHint(step: StepSpec): StepSpec {
  const { tool, artifact, parameters } = step
  const { prompt } = parameters
  if (!artifact?.type || !hasAutoTag(artifact.type)) return step
  const type = withoutMarks(artifact.type)
  const typed = { ...step, artifact: { ...artifact, type } }
  if (tool !== undefined || typeof prompt !== 'string' || type === '') return typed
  return { ...typed, parameters: { ...parameters, prompt: `${prompt}\n\n(This makes: ${type})` } }
}

function withoutMarks(text: string): string {
  return text.replace(/<AUTO(?:\s(?:"[^"]*"|'[^']*'|[^"'<>])*)?>|<\/AUTO>/g, ' ').trim()
}

/** An action that is a tag is work for a model: the tag is the prompt, and the parameters are sent with it. */
function liftAction(step: StepSpec): StepSpec {
  const { tool, action = '', parameters, path } = step
  if (tool !== undefined || !hasAutoTag(action)) return step
  const prompt = withoutMarks(action)
  const known = [
    'model',
    'models',
    'max_tokens',
    'max_completion_tokens',
    'temperature',
    'system_prompt',
    'schema',
    'response_format',
  ]
  const settings = Object.entries(parameters).filter(([name]) => known.includes(name))
  const data = Object.entries(parameters).filter(([name]) => !known.includes(name))
  const shown = data.map(([name, value]) => `\n${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return {
    ...step,
    action: 'generate',
    parameters: { ...Object.fromEntries(settings), prompt: prompt + shown.join('') },
    ...(data.length === 0 && settings.length === 0 && { parametersPath: path }),
  }
}

/** Adds a step that asks which earlier steps this one depends on, so that it waits for these only. */
function withDependsStep(
  { dependsOn, ...step }: StepSpec,
  before: readonly StepSpec[],
  all: readonly StepSpec[],
  report: ReportFinding,
): readonly StepSpec[] {
  const { text, path } = dependsOn!
  const choices = before.map(({ id }) => id)
  if (choices.length > MAX_ROUTE_CHOICES) {
    const message = `a model chooses among at most ${MAX_ROUTE_CHOICES} steps, got ${choices.length} earlier steps`
    report('too_large', path, message, { step: step.id })
  }
  if (choices.length === 0 || choices.length > MAX_ROUTE_CHOICES) return [step]
  const by = freeId(`${step.id}_dependencies`, all)
  const lifter = createTagLifter(report, by)
  const on = lifter.text(text, path, { key: 'depends_on', shape: { type: 'choice', choices, many: true } })
  const parameters = { on }
  const teller: StepSpec = {
    ...EMPTY_STEP,
    id: by,
    path: step.path,
    parameters,
    parametersPath: step.path,
    autoTags: lifter.taken(),
    made: { type: 'depends', of: choices, parameters },
  }
  const dependencies = [...step.dependencies, { id: by, path }]
  return [teller, { ...step, dependencies, maybe: { by, of: choices } }]
}

function freeId(id: string, steps: readonly StepSpec[]): string {
  return steps.some((step) => step.id === id) ? freeId(`${id}_`, steps) : id
}

function propertiesOf(step: StepSpec, toolbox: Toolbox): NonNullable<ObjectSchema['properties']> {
  const named = resolveToolName(step, toolbox)
  if (named.tool === undefined) return {}
  const tool = toolbox.find(named.tool, resolveToolCall(named, named.tool, toolbox).operation)
  return (tool && inputSchemaOf(tool)?.properties) ?? {}
}

/** Adds a step that asks for the <AUTO> defaults of inputs; unchanged when no input has one. */
function liftInputs(spec: PipelineSpec, report: ReportFinding): PipelineSpec {
  const lifter = createTagLifter(report, undefined, '__auto_i')
  const asked = Object.entries(spec.inputs).flatMap(([name, input]) =>
    typeof input.asks === 'object' ? [{ name, input, ...input.asks }] : [],
  )
  if (asked.length === 0) return spec
  const texts = asked.map(({ name, input, text, path }) => [
    name,
    lifter.text(text, path, { key: '', property: propertyOf(input) }),
  ])
  const parameters = Object.fromEntries(texts) as { readonly [name: string]: Json }
  const known = asked.map(({ name, input }) => [
    name,
    withDeclaredPlace({ ...input, asks: true }, declaredPlace(input)),
  ])
  const path = ['inputs']
  return {
    ...spec,
    inputs: { ...spec.inputs, ...Object.fromEntries(known) },
    teller: {
      ...EMPTY_STEP,
      id: INPUTS_NODE,
      path,
      parameters,
      parametersPath: path,
      autoTags: lifter.taken(),
      made: { type: 'inputs', names: asked.map(({ name }) => name), parameters },
    },
  }
}

/** The answer shape that an input accepts. */
function propertyOf({ type, choices, range, rules }: InputSpec): PropertySchema {
  const [low = rules?.min, high = rules?.max] = range ?? []
  return { type, ...present({ enum: choices, minimum: low, maximum: high }) }
}
