import { FUNCTIONS } from '../../template/template.ts'
import type { Code } from '../diagnostics.ts'
import type { Finding, Path, Report } from '../findings.ts'
import { GLOBALS, misfitCall } from '../globals.ts'
import { BINDINGS } from '../spec/ids.ts'
import { didYouMean, suggestOrList } from '../spec/suggest.ts'
import { isMap, type LoopSpec, type PipelineSpec, type StepSpec } from '../spec.ts'
import type { StepFields } from './fields.ts'
import { readsOfOutputs } from './outputs.ts'
import type { Mention } from './templates.ts'

/** Where a text stands: which step it belongs to and which loop is around it. */
export type Surroundings = {
  readonly spec: PipelineSpec
  /** the steps of the graph */
  readonly ids: ReadonlySet<string>
  readonly report: Report
  readonly step?: string
  readonly loop?: { readonly id: string; readonly loop: LoopSpec }
  /** told when a map of all steps is read as a whole */
  readonly readsAll?: () => void
  /** what can be read of a step, where that is known */
  fieldsOf?(node: string): StepFields | undefined
}

/** What holds for the whole run, with the fields it has. */
const RUN_NAMES: { readonly [name: string]: readonly string[] | null } = {
  execution: ['id', 'started_at', 'timestamp', 'date', 'time'],
  pipeline_id: null,
  execution_id: null,
  timestamp: null,
  current_timestamp: null,
  current_date: null,
}
const INPUT_MAPS = ['inputs', 'parameters']
const STEP_MAPS = ['steps', 'results', 'previous_results']
const LATER_FUNCTIONS = ['loop_var', 'loop_item_at', 'current_loop_name', 'active_loops', 'historical_loops']

/** The node a mention reads, or those the output it reads is made of, if it reads a step at all; a name that leads nowhere is reported. */
export function resolve(mention: Mention, around: Surroundings): string | readonly string[] | undefined {
  if (mention.called) return checkCall(mention, around)
  const { name, path } = mention
  if (around.loop && bindingsOf(around.loop.loop).has(name)) return undefined
  if (STEP_MAPS.includes(name) && !findStep(name, around)) return resolveInMap(mention, around)
  const node = findStep(name, around)
  if (node !== undefined && node === around.loop?.id)
    return complain(mention, around, 'dependency_self', `the body of loop \`${name}\` reads the loop's own result`)
  if (node !== undefined && name !== around.step) return readingStep(mention, path, node, around)
  if (Object.hasOwn(around.spec.inputs, name)) return undefined
  if (name === around.step) return complain(mention, around, 'dependency_self', `step \`${name}\` reads its own result`)
  if (INPUT_MAPS.includes(name)) return checkField(mention, Object.keys(around.spec.inputs), around, 'inputs')
  if (name === 'outputs') return resolveOutput(mention, around)
  if (Object.hasOwn(around.spec.constants, name)) return checkConstant(mention, around)
  if (Object.hasOwn(RUN_NAMES, name)) return checkField(mention, RUN_NAMES[name] ?? path, around, 'fields')
  if (isMap(around.spec.constants.context) && Object.hasOwn(around.spec.constants.context, name)) return undefined
  return refuseName(mention, around)
}

/** The names a loop gives its body; templates know them with a `$` in front as well. */
function bindingsOf({ variable }: LoopSpec): ReadonlySet<string> {
  return new Set([...BINDINGS, variable])
}

function findStep(name: string, { ids, loop }: Surroundings): string | undefined {
  if (loop?.loop.body.some(({ id }) => id === name)) return `${loop.id}.${name}`
  return ids.has(name) ? name : undefined
}

/** The node; a field that its step will not have is reported, unless its absence is provided for. */
function readingStep(mention: Mention, path: readonly string[], node: string, around: Surroundings): string {
  const fields = mention.guarded ? undefined : around.fieldsOf?.(node)
  const [field, inner] = path
  const isResult = field === 'result' && inner !== undefined
  const [read, known] = isResult ? [inner, fields?.result] : [field, fields?.own]
  if (read === undefined || !known || known.includes(read)) return node
  const hint = suggestOrList(read, isResult ? known : (fields?.result ?? []), 'fields')
  complain(
    mention,
    around,
    'undefined_step_field',
    `step \`${node.slice(node.indexOf('.') + 1)}\` has no field \`${read}\``,
    hint,
  )
  return node
}

function resolveInMap(mention: Mention, around: Surroundings): string | undefined {
  const [id] = mention.path
  if (id === undefined) {
    around.readsAll?.()
    return undefined
  }
  const node = findStep(id, around)
  if (node !== undefined && id !== around.step) return readingStep(mention, mention.path.slice(1), node, around)
  const hint = suggestOrList(id, [...around.ids], 'steps')
  return complain(mention, around, 'undefined_variable', `there is no step \`${id}\``, hint)
}

function resolveOutput(mention: Mention, around: Surroundings): readonly string[] | undefined {
  const { spec, ids, loop, step } = around
  const names = spec.outputs.map((output) => output.name)
  checkField(mention, names, around, 'outputs')
  const [name] = mention.path
  const reads = readsOfOutputs(spec, ids, name === undefined ? names : [name])
  const own = reads.find((node) => node === (loop?.id ?? step))
  if (own === undefined) return reads
  return complain(mention, around, 'dependency_self', `\`${own}\` reads an output that is made of its own result`)
}

/** A field of a constant that is not there is an error, unless something is said for that. */
function checkConstant(mention: Mention, around: Surroundings): undefined {
  const fields = around.spec.constants[mention.name]
  if (!mention.guarded && isMap(fields)) checkField(mention, Object.keys(fields), around, 'fields')
}

function checkField(mention: Mention, fields: readonly string[], around: Surroundings, what: string): undefined {
  const [field] = mention.path
  if (field === undefined || mention.guarded || fields.includes(field)) return undefined
  const hint = suggestOrList(field, fields, what)
  return complain(mention, around, 'undefined_variable', `\`${mention.name}\` has no \`${field}\``, hint)
}

function checkCall(mention: Mention, around: Surroundings): undefined {
  const { name } = mention
  const global = Object.hasOwn(GLOBALS, name) ? GLOBALS[name] : undefined
  const problem = global && misfitCall(global, mention.arguments ?? 0)
  if (global && problem)
    return complain(
      mention,
      around,
      'global_wrong_arity',
      `\`${name}()\` ${problem}`,
      `it is ${name}(${global.parameters.join(', ')})`,
    )
  if (global?.instead)
    return complain(mention, around, 'deprecated_now', `\`${name}()\` is old`, `write ${global.instead}`)
  return global ? undefined : refuseCall(mention, around)
}

function refuseCall(mention: Mention, around: Surroundings): undefined {
  const { name } = mention
  if (LATER_FUNCTIONS.includes(name))
    return complain(mention, around, 'not_supported', `the function \`${name}()\` is not supported`)
  const hint = didYouMean(name, [...Object.keys(GLOBALS), ...Object.keys(FUNCTIONS)])
  return complain(mention, around, 'undefined_variable', `there is no function \`${name}\``, hint)
}

function refuseName(mention: Mention, around: Surroundings): undefined {
  const { name } = mention
  const { spec } = around
  if (name === 'env')
    return complain(
      mention,
      around,
      'undefined_variable',
      'templates do not see the environment',
      'declare an input, and give it with -i name="$NAME"',
    )
  if ([GLOBALS, FUNCTIONS].some((functions) => Object.hasOwn(functions, name)) || LATER_FUNCTIONS.includes(name))
    return complain(mention, around, 'global_not_called', `\`${name}\` is a function`, `call it: ${name}()`)
  const owner = spec.steps.find(({ loop }) => loop?.body.some(({ id }) => id === name))
  const inside = spec.steps.find(({ loop }) => loop && bindingsOf(loop).has(name))
  if (owner)
    return complain(
      mention,
      around,
      'undefined_variable',
      `step \`${name}\` is inside loop \`${owner.id}\``,
      `read ${owner.id}.results`,
    )
  if (inside || BINDINGS.includes(name))
    return complain(
      mention,
      around,
      'loop_variable_outside_loop',
      `\`${name}\` has a value only inside the body of a loop`,
    )
  return complain(
    mention,
    around,
    'undefined_variable',
    `there is no step, input or variable \`${name}\``,
    didYouMean(name, namesAround(around)),
  )
}

function namesAround({ spec, loop }: Surroundings): readonly string[] {
  const body: readonly StepSpec[] = loop?.loop.body ?? []
  return [
    ...[...spec.steps, ...body].map(({ id }) => id),
    ...Object.keys(spec.inputs),
    ...INPUT_MAPS,
    ...Object.keys(spec.constants),
    ...Object.keys(RUN_NAMES),
    ...(loop ? bindingsOf(loop.loop) : []),
  ]
}

function complain(
  mention: Mention,
  { report, step }: Surroundings,
  code: Code,
  message: string,
  hint?: string,
): undefined {
  const { line, column, at, name, path } = mention
  const about = STEP_MAPS.includes(name) ? { step: path[0] } : { step: name, field: path[0] }
  report(code, at as Path, message, {
    within: { line, column },
    hint,
    about: given(about),
    ...(step !== undefined && { step }),
  })
}

/** The names that templates must not take for subtractions. */
export function namesWithHyphens({ inputs, steps }: PipelineSpec): readonly string[] {
  const ids = steps.flatMap(({ id, loop }) => [id, ...(loop?.body.map((child) => child.id) ?? [])])
  return [...new Set([...Object.keys(inputs), ...ids])].filter((name) => name.includes('-'))
}

function given({ step, field }: { step?: string | undefined; field?: string | undefined }): Finding['about'] & object {
  return { ...(step !== undefined && { step }), ...(field !== undefined && { field }) }
}
