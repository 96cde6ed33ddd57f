import { FUNCTIONS } from '../../template/template.ts'
import { isAnswer } from '../auto/lift.ts'
import { INPUTS } from '../compiled.ts'
import type { Code } from '../diagnostics.ts'
import type { Finding, Path, Report } from '../findings.ts'
import { GLOBALS, misfitCall } from '../globals.ts'
import { nameOf } from '../instance.ts'
import { isBinding } from '../spec/bindings.ts'
import { didYouMean, suggestOrList } from '../spec/suggest.ts'
import { isMap, type PipelineSpec } from '../spec.ts'
import type { StepFields } from './fields.ts'
import { bindingsOf, type Level, loopsIn, readIn } from './levels.ts'
import { readsOfOutputs } from './outputs.ts'
import type { Mention } from './templates.ts'

/** Where a text stands: which step it belongs to, and the bodies around it, the innermost first, the graph last. */
export type Surroundings = {
  readonly spec: PipelineSpec
  readonly report: Report
  readonly step?: string
  /** the step has ended there, and its own result can be read */
  readonly ended?: true
  readonly levels: readonly Level[]
  /** told when a map of all steps is read as a whole */
  readonly readsAll?: () => void
  /** what can be read of a step, where that is known */
  fieldsOf?(node: string): StepFields | undefined
  /** whether `error` is what has failed */
  readonly handles?: boolean
}

/** What can be read of a failure. */
const ERROR = ['failed_task_id', 'error_type', 'error_message', 'error_code', 'attempts', 'context']

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
const LATER_FUNCTIONS = ['historical_loops']
const ENDED = 'a loop that has ended is read by its id, as in {{ each.results }}'

/**
 * What a mention reads, if it reads a step at all: a node, as CompiledStep has it, or those that the output it reads is made of;
 * a name that leads nowhere is reported.
 */
export function resolve(mention: Mention, around: Surroundings): string | readonly string[] | undefined {
  if (mention.called) return checkCall(mention, around)
  const { name, path } = mention
  if (isAnswer(name)) return undefined
  for (const [depth, level] of around.levels.entries()) {
    if (level.bound.has(name)) return undefined
    if (level.loop && (level.loop.id === name || level.loop.name === name)) return checkLoop(mention, level, around)
    const read = readIn(level, name)
    if (read !== undefined && (depth > 0 || around.ended || name !== around.step))
      return readingStep(mention, path, read, around)
  }
  if (STEP_MAPS.includes(name)) return resolveInMap(mention, around)
  if (Object.hasOwn(around.spec.inputs, name)) return readingInput(mention, name, around)
  if (name === around.step && name !== INPUTS)
    return complain(mention, around, 'dependency_self', `step \`${name}\` reads its own result`)
  if (INPUT_MAPS.includes(name)) {
    checkField(mention, Object.keys(around.spec.inputs), around, 'inputs')
    return path[0] === undefined ? readingInputs(around) : readingInput(mention, path[0], around)
  }
  if (name === 'outputs') return resolveOutput(mention, around)
  if (Object.hasOwn(around.spec.constants, name)) return checkConstant(mention, around)
  if (name === 'error' && around.handles) return checkField(mention, ERROR, around, 'fields')
  if (Object.hasOwn(RUN_NAMES, name)) return checkField(mention, RUN_NAMES[name] ?? path, around, 'fields')
  if (isMap(around.spec.constants.context) && Object.hasOwn(around.spec.constants.context, name)) return undefined
  return refuseName(mention, around)
}

/** `outer.item`: what a loop further out binds, too. */
function checkLoop(mention: Mention, { bound, loop }: Level, around: Surroundings): undefined {
  const [field] = mention.path
  if (field !== undefined && bound.has(field)) return undefined
  const message = `the body of loop \`${loop!.id}\` reads the loop's own result`
  const hint = field === undefined ? undefined : didYouMean(field, [...bound])
  return complain(mention, around, 'dependency_self', message, hint)
}

/** The node; a field that its step will not have is reported, unless its absence is provided for. */
function readingStep(mention: Mention, path: readonly string[], node: string, around: Surroundings): string {
  const fields = mention.guarded ? undefined : around.fieldsOf?.(node)
  const [field, inner] = path
  const isResult = field === 'result' && inner !== undefined
  const [read, known] = isResult ? [inner, fields?.result] : [field, fields?.own]
  if (read === undefined || !known || known.includes(read)) return node
  const hint = suggestOrList(read, isResult ? known : (fields?.result ?? []), 'fields')
  const [code, says] = fields?.open ? UNDECLARED : UNDEFINED
  complain(mention, around, code, `step \`${nameOf(node)}\` ${says} \`${read}\``, hint)
  return node
}

/** An input whose default a model tells is read from the step that has it told. */
function readingInput(mention: Mention, name: string, around: Surroundings): string | undefined {
  const { inputs } = around.spec
  if (!Object.hasOwn(inputs, name) || !inputs[name]!.asks) return undefined
  if (around.step !== INPUTS) return INPUTS
  const message = `a default that a model tells cannot name \`${name}\`, whose default a model tells too`
  return complain(mention, around, 'dependency_self', message)
}

function readingInputs({ spec, step }: Surroundings): string | undefined {
  return step !== INPUTS && Object.values(spec.inputs).some(({ asks }) => asks) ? INPUTS : undefined
}

const UNDEFINED = ['undefined_step_field', 'has no field'] as const
const UNDECLARED = ['undeclared_output_field', 'does not say that it has a field'] as const

function resolveInMap(mention: Mention, around: Surroundings): string | undefined {
  const [id] = mention.path
  if (id === undefined) {
    around.readsAll?.()
    return undefined
  }
  const { levels, step } = around
  for (const [depth, level] of levels.entries()) {
    const read = id === level.loop?.id ? undefined : readIn(level, id)
    if (read !== undefined && (depth > 0 || id !== step))
      return readingStep(mention, mention.path.slice(1), read, around)
  }
  const hint = suggestOrList(
    id,
    levels.flatMap(({ ids }) => [...ids]),
    'steps',
  )
  return complain(mention, around, 'undefined_variable', `there is no step \`${id}\``, hint)
}

function resolveOutput(mention: Mention, around: Surroundings): readonly string[] | undefined {
  const { spec, levels, step } = around
  const names = spec.outputs.map((output) => output.name)
  checkField(mention, names, around, 'outputs')
  const [name] = mention.path
  const reads = readsOfOutputs(spec, name === undefined ? names : [name])
  const outermost = levels.findLast(({ loop }) => loop)?.loop?.id ?? step
  const own = reads.find((node) => node === outermost)
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
  if (global?.inLoop && !around.levels.some(({ loop }) => loop))
    return complain(
      mention,
      around,
      'loop_variable_outside_loop',
      `\`${name}()\` is something only inside the body of a loop`,
    )
  if (global?.instead)
    return complain(mention, around, 'deprecated_now', `\`${name}()\` is old`, `write ${global.instead}`)
  return global ? undefined : refuseCall(mention, around)
}

function refuseCall(mention: Mention, around: Surroundings): undefined {
  const { name } = mention
  if (LATER_FUNCTIONS.includes(name))
    return complain(mention, around, 'not_supported', `the function \`${name}()\` is not supported`, ENDED)
  const hint = didYouMean(name, [...Object.keys(GLOBALS), ...Object.keys(FUNCTIONS)])
  return complain(mention, around, 'undefined_variable', `there is no function \`${name}\``, hint)
}

function refuseName(mention: Mention, around: Surroundings): undefined {
  const { name } = mention
  const { spec } = around
  if (name === 'error')
    return complain(
      mention,
      around,
      'undefined_variable',
      '`error` has a value only in a step that handles a failure',
      'name the step that failed: step.error',
    )
  if (name === 'env')
    return complain(
      mention,
      around,
      'undefined_variable',
      'templates do not see the environment',
      'declare an input, and give it with -i name="$NAME"',
    )
  if (name === 'loop')
    return complain(
      mention,
      around,
      'undefined_variable',
      '`loop` has a value only inside a {% for %}',
      'in the body of a loop step write index, position, length, is_first or is_last',
    )
  if ([GLOBALS, FUNCTIONS].some((functions) => Object.hasOwn(functions, name)) || LATER_FUNCTIONS.includes(name))
    return complain(mention, around, 'global_not_called', `\`${name}\` is a function`, `call it: ${name}()`)
  const loops = loopsIn(spec.steps)
  const owner = loops.find(({ loop }) => loop.body.some(({ id }) => id === name))
  const inside = loops.some(({ loop }) => bindingsOf(loop).has(name))
  if (owner)
    return complain(
      mention,
      around,
      'undefined_variable',
      `step \`${name}\` is inside loop \`${owner.id}\``,
      `read ${owner.id}.results`,
    )
  if (inside || isBinding(name))
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
    didYouMean(name, namesAround(around)) ?? `declare it under inputs:, or give it with -i ${name}=…`,
  )
}

function namesAround({ spec, levels }: Surroundings): readonly string[] {
  return [
    ...levels.flatMap(({ ids, bound }) => [...ids, ...bound]),
    ...Object.keys(spec.inputs),
    ...INPUT_MAPS,
    ...Object.keys(spec.constants),
    ...Object.keys(RUN_NAMES),
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
  const ids = [steps, ...loopsIn(steps).map(({ loop }) => loop.body)].flatMap((body) => body.map(({ id }) => id))
  const loops = loopsIn(steps).map(({ loop }) => loop.name)
  const before = loopsIn(steps).flatMap(({ loop }) => (loop.turns ? loop.body.map(({ id }) => `prev_${id}`) : []))
  return [...new Set([...Object.keys(inputs), ...ids, ...loops, ...before])].filter((name) => name.includes('-'))
}

function given({ step, field }: { step?: string | undefined; field?: string | undefined }): Finding['about'] & object {
  return { ...(step !== undefined && { step }), ...(field !== undefined && { field }) }
}
