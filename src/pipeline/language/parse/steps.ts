import { asText, isJsonObject, type Json, type JsonObject } from '../../../kernel/json.ts'
import { present } from '../../../lib/json/present.ts'
import { isLiteral } from '../actions/literals.ts'
import { shownValue } from '../diagnostics/expected.ts'
import { type DocumentPath, FindingLimitReached, type ReportFinding } from '../diagnostics/finding.ts'
import { checkKeys, STEP_KEYS } from '../schema/check-keys.ts'
import { LOOK_UP_TABLE } from '../schema/step-keys.ts'
import { fieldReader } from '../schema/value-kinds.ts'
import { readArtifact } from './artifact.ts'
import { readHandlers } from './handlers.ts'
import { countSteps, readConditionText } from './loops/body.ts'
import { LOOP_KEYS, readLoopSpec } from './loops/read-loop.ts'
import { readModelNeeds } from './model-needs.ts'
import { type AuthoredName, dropEmptyKeys, type LoopSpec, type StepSpec } from './pipeline-spec.ts'
import { readCachePolicy, readPolicies } from './policies.ts'
import { type EnclosingLoops, readKey, reportKey, reportTemplate, reportValue, type StepReader } from './reader.ts'
import { readFallback, readRoutes } from './routes.ts'
import { readStepId } from './step-ids.ts'

/** The maximum number of steps in a list, and in a pipeline with all its loops. */
const MAX_STEPS = 10_000
const TOP_LEVEL: EnclosingLoops = { depth: 0, bound: [] }

/** The steps of a list. A step without a usable id is reported and left out. */
export function readSteps(
  list: readonly Json[],
  path: DocumentPath,
  report: ReportFinding,
  around = TOP_LEVEL,
): readonly StepSpec[] {
  if (list.length > MAX_STEPS)
    report('too_large', path, `more than ${MAX_STEPS} steps`, { hint: 'Iterate over a list with `for_each:`.' })
  const taken = new Set<string>()
  return list.slice(0, MAX_STEPS).flatMap((step, index) => {
    const at = [...path, index]
    if (!isJsonObject(step)) {
      report(
        'bad_step',
        at,
        `expected a step, which is a map with an \`id:\` and a \`tool:\` or an \`action:\`, got ${shownValue(step)}`,
      )
      return []
    }
    const id = readStepId(step, at, taken, report, around.bound)
    if (id !== undefined) return [readStepSpec(id, step, at, report, around.depth)]
    // it is left out, but its own faults are reported
    if (typeof step.id === 'string' && taken.has(step.id)) readStepSpec(step.id, step, at, report, around.depth)
    return []
  })
}

/** Reports that a pipeline has too many steps in total; the rest is then not read. */
export function checkStepCount(steps: readonly StepSpec[], report: ReportFinding): void {
  if (countSteps(steps) <= MAX_STEPS) return
  report('too_large', steps[0]!.path.slice(0, 1), `more than ${MAX_STEPS} steps in total`, {
    hint: 'Iterate over a list with `for_each:`.',
  })
  throw new FindingLimitReached()
}

/** One step. Faulty parts are reported, and the step is read without them. */
function readStepSpec(
  id: string,
  given: JsonObject,
  path: DocumentPath,
  report: ReportFinding,
  depth: number,
): StepSpec {
  checkKeys(given, STEP_KEYS, path, report, id)
  const step = dropEmptyKeys(given, KEYS_MEANT_WHEN_EMPTY)
  const readBody: StepReader['readSteps'] = (list, at, within) => readSteps(list, at, report, within)
  const reader: StepReader = { id, step, path, report, depth, readSteps: readBody }
  const { failureRoute, ...policies } = readPolicies(reader)
  const spec = {
    id,
    path,
    ...readWork(reader),
    ...readParameters(reader),
    ...readTools(reader),
    dependencies: readDependencies(reader),
    ...readDependsOn(reader),
    ...readCondition(reader),
    ...readRequiresModel(reader),
    ...readCachePolicy(reader),
    ...policies,
    ...readRoutes(reader, failureRoute),
    ...readFallback(reader),
    ...readHandlers(reader),
    ...readLookUp(reader),
    ...fileOf(reader),
  }
  if (step.type !== undefined && step.type !== 'parallel_map')
    report('unknown_key', [...path, 'type'], `\`type: ${asText(step.type)}\` has no meaning and is ignored`, {
      step: id,
    })
  const loop = readLoopSpec(spec, reader)
  if (!loop) return checkNoLoopKeys(spec, reader)
  return { ...(step.steps === undefined && loop.list ? withoutBody(spec, loop) : spec), loop }
}

/** Keys that have a meaning without a value: a condition that is false, and an empty list to loop over. */
const KEYS_MEANT_WHEN_EMPTY = [
  ...['condition', 'if', 'while', 'until', 'while_condition', 'steps'],
  ...['for_each', 'foreach', 'items', 'action_loop', 'create_parallel_queue'],
]

/** Removes keys that apply only to the body, if the step's own action is the body. A condition is for each item. */
function withoutBody({ onError: _, ...spec }: StepSpec, { kind }: LoopSpec): StepSpec {
  const { condition: __, ...unconditional } = spec
  return { ...(kind === 'foreach' ? unconditional : spec), handlers: [], fallback: [] }
}

function fileOf({ id, step, path, report }: StepReader): Pick<StepSpec, 'artifact'> {
  const artifact = readArtifact(step, path, report, id)
  return artifact ? { artifact } : {}
}

const LOOP_HINT =
  'A loop requires `for_each:`, `foreach:`, `while:`, `until:`, `action_loop:` or `create_parallel_queue:`.'

function checkNoLoopKeys(spec: StepSpec, reader: StepReader): StepSpec {
  for (const key of LOOP_KEYS.filter((key) => reader.step[key] !== undefined))
    reportKey(reader, 'loop_conflict', key, `\`${key}:\` is a key of loops, but this step is not a loop`, LOOP_HINT)
  if (spec.tool === undefined && reader.step.tool === undefined && reader.step.action === undefined) {
    reader.report(
      'unknown_action',
      reader.path,
      `step \`${spec.id}\` does nothing: it has neither \`tool:\` nor \`action:\``,
      { step: spec.id },
    )
  }
  return spec
}

function readWork(reader: StepReader): Pick<StepSpec, 'tool' | 'action' | 'capabilities'> {
  const system = readKey(reader, 'control_system')
  const tool = readKey(reader, 'tool') ?? system
  const action = readKey(reader, 'action')
  if (system !== undefined && reader.step.tool !== undefined)
    reportKey(reader, 'bad_value', 'control_system', 'a step cannot have both `tool:` and `control_system:`', SAME_HINT)
  return { ...present({ tool, action }), ...readCapabilities(reader, tool) }
}

const SAME_HINT = 'They mean the same.'

function readCapabilities(reader: StepReader, tool: string | undefined): Pick<StepSpec, 'capabilities'> {
  const names = readNames(reader, 'capabilities', CAPABILITIES_HINT)
  if (names && tool === undefined)
    reportKey(reader, 'bad_value', 'capabilities', '`capabilities:` says what a tool must have, and the step has none')
  return names && tool !== undefined ? { capabilities: names } : {}
}

const CAPABILITIES_HINT = 'For example: capabilities: [checkpoints]'

function readParameters(reader: StepReader): Pick<StepSpec, 'parameters' | 'parametersPath'> {
  const { step, path } = reader
  const key = step.parameters === undefined && step.inputs !== undefined ? 'inputs' : 'parameters'
  const parameters = readKey(reader, key) ?? {}
  if (step.parameters !== undefined && step.inputs !== undefined) {
    reportKey(reader, 'bad_value', 'inputs', 'a step cannot have both `parameters:` and `inputs:`, which mean the same')
  }
  return { parameters, parametersPath: [...path, key] }
}

/** The tools that a model may call: names only, since a template could add some. */
function readTools(reader: StepReader): Pick<StepSpec, 'tools'> {
  const names = readNames(reader, 'tools', TOOLS_HINT)
  return names ? { tools: names } : {}
}

/** A list of plain texts with their places. A wrong one is reported. */
function readNames(reader: StepReader, key: string, hint: string): readonly AuthoredName[] | undefined {
  const value = reader.step[key]
  if (value === undefined) return undefined
  const path = [...reader.path, key]
  const names: readonly Json[] = Array.isArray(value) ? value : []
  const isList = names.length > 0 && names.every((name) => typeof name === 'string' && name.trim() !== '')
  if (isList && isLiteral([...names]))
    return names.map((name, index) => ({ text: String(name).trim(), path: [...path, index] }))
  const got = isList ? 'a template' : JSON.stringify(value).slice(0, 80)
  return reportKey(reader, 'bad_value', key, `\`${key}\`: expected a list of names, got ${got}`, hint)
}

const TOOLS_HINT = 'For example: tools: [filesystem:read, web-search]'

function readDependencies(reader: StepReader): StepSpec['dependencies'] {
  return ['dependencies', 'depends_on'].flatMap((key) => {
    const value = reader.step[key] ?? []
    if (isAuto(value)) return []
    const path = [...reader.path, key]
    if (isTemplate(value)) reportTemplate(reader, key, 'a list of step ids', NO_TEMPLATE_HINT)
    if (isTemplate(value)) return []
    if (typeof value === 'string') return split(value).map((id) => ({ id, path }))
    const ids = Array.isArray(value) ? value : [value]
    if (!ids.every((id) => typeof id === 'string')) reportValue(reader, key, 'a list of step ids')
    return ids.flatMap((id, index) => (typeof id === 'string' ? [{ id, path: [...path, index] }] : []))
  })
}

const split = (list: string) => list.split(',').flatMap((id) => id.trim() || [])

/** Whether a template stands in a place for ids. */
const isTemplate = (value: Json): boolean =>
  typeof value === 'string' ? /\{\{|\{%/.test(value) : Array.isArray(value) && value.some(isTemplate)

const NO_TEMPLATE_HINT =
  'A template is not allowed here: depend on all steps, and use `condition:` on those that may be skipped. A skipped step does not block others.'

const isAuto = (value: Json | undefined) => typeof value === 'string' && value.includes('<AUTO')

/** Dependencies that a model chooses. */
function readDependsOn({ step, path }: StepReader): Pick<StepSpec, 'dependsOn'> {
  const key = ['dependencies', 'depends_on'].find((key) => isAuto(step[key]))
  return key === undefined ? {} : { dependsOn: { text: String(step[key]), path: [...path, key] } }
}

function readRequiresModel({ id, step, path, report }: StepReader): Pick<StepSpec, 'modelNeeds'> {
  const key = step.requires_model === undefined ? 'requires-model' : 'requires_model'
  const modelNeeds = step[key] === undefined ? undefined : readModelNeeds(step[key], [...path, key], report, id)
  return modelNeeds ? { modelNeeds } : {}
}

function readCondition(reader: StepReader): Pick<StepSpec, 'condition'> {
  const { if: short, condition } = reader.step
  if (short !== undefined && condition !== undefined)
    reportKey(reader, 'bad_value', 'if', 'a step cannot have both `if:` and `condition:`, which mean the same')
  const key = short === undefined ? 'condition' : 'if'
  const found = readConditionText(reader.step[key], [...reader.path, key], reader)
  return found ? { condition: found } : {}
}

/** Reads `look_up:`. */
function readLookUp(reader: StepReader): Pick<StepSpec, 'lookUp'> {
  const { step, path, report, id } = reader
  const given = step.look_up
  if (given === undefined) return {}
  if (!isJsonObject(given)) return reportValue(reader, 'look_up', 'a map') ?? {}
  const at = [...path, 'look_up']
  const read = fieldReader(LOOK_UP_TABLE, given, (key, message, hint) =>
    report('bad_value', [...at, key], message, { step: id, ...(hint !== undefined && { hint }) }),
  )
  const odd = Object.keys(given).find((key) => !Object.hasOwn(LOOK_UP_TABLE, key))
  if (odd !== undefined) report('unknown_key', [...at, odd], `\`look_up\` has no key \`${odd}\``, { step: id })
  const tool = read('tool')
  if (tool === undefined || given.done === undefined)
    return reportKey(reader, 'bad_value', 'look_up', '`look_up`: expected a `tool:` and a template `done:`') ?? {}
  const [action, effect] = [read('action'), read('effect')]
  const [notDone, settlesAfter] = [read('not_done'), read('settles_after')]
  return {
    lookUp: {
      path: at,
      tool,
      parameters: read('parameters') ?? {},
      done: given.done,
      ...present({ action, effect, notDone, settlesAfter }),
    },
  }
}
