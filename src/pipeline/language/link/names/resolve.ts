import { isJsonObject } from '../../../../kernel/json.ts'
import { MAX_COMPARED, sampleWords } from '../../../../lib/suggest.ts'
import { isAutoAnswerName } from '../../../plan/auto-tag.ts'
import { INPUTS_NODE } from '../../../plan/compiled.ts'
import { stepName } from '../../../plan/instance.ts'
import { didYouMean, suggestOrList } from '../../diagnostics/did-you-mean.ts'
import type { KnownIds } from '../routes/dependency-graph.ts'
import type { Mention } from './mentions.ts'
import { type ReferenceContext, reportMention, STEP_MAPS } from './name-finding.ts'
import { hasOutput, readsOfOutputs } from './output-reads.ts'
import { resolveInScope, type StepScope } from './scopes.ts'
import { checkSkippable } from './skippable.ts'
import { type StepFields, undeclaredField } from './step-fields.ts'
import { checkCall } from './template-functions.ts'
import { INPUT_MAPS, RUN_NAMES, reportUnknownName, reportUnreadableStep } from './unknown-names.ts'

const ERROR_FIELDS = ['failed_task_id', 'error_type', 'error_message', 'error_code', 'attempts', 'context']

/** The steps that a mention reads: a node, as in CompiledStep, or the nodes of an output. Reports unknown names. */
export function resolveMention(mention: Mention, around: ReferenceContext): string | readonly string[] | undefined {
  if (mention.called) return checkCall(mention, around)
  const { name, path } = mention
  if (isAutoAnswerName(name)) return undefined
  for (const [depth, level] of around.levels.entries()) {
    if (level.bound.has(name)) return undefined
    if (level.loop && (level.loop.id === name || level.loop.name === name)) return resolveLoop(mention, level, around)
    const read = resolveInScope(level, name)
    if (read !== undefined && (depth > 0 || around.ended || name !== around.step))
      return resolveStep(mention, path, read, around)
  }
  if (STEP_MAPS.includes(name)) return resolveInMap(mention, around)
  if (Object.hasOwn(around.spec.inputs, name)) return resolveInput(mention, name, path, around)
  if (name === around.step && name !== INPUTS_NODE)
    return reportMention(mention, around, 'dependency_self', `step \`${name}\` reads its own result`)
  if (INPUT_MAPS.includes(name)) {
    checkField(mention, fieldsOfMap(around.spec.inputs), around, 'inputs')
    const [input, ...inner] = path
    if (input !== undefined) return resolveInput(mention, input, inner, around)
    return around.step !== INPUTS_NODE && around.spec.teller ? INPUTS_NODE : undefined
  }
  if (name === 'outputs') return resolveOutput(mention, around)
  if (Object.hasOwn(around.spec.constants, name)) return checkConstant(mention, around)
  if (name === 'error' && around.handles) return checkField(mention, knownFields(ERROR_FIELDS), around, 'fields')
  if (Object.hasOwn(RUN_NAMES, name)) return checkField(mention, knownFields(RUN_NAMES[name] ?? path), around, 'fields')
  if (isJsonObject(around.spec.constants.context) && Object.hasOwn(around.spec.constants.context, name))
    return undefined
  return reportUnknownName(mention, around)
}

/** `outer.item`: a name that an outer loop binds; or the result of a loop over its own action, once that has ended. */
function resolveLoop(mention: Mention, level: StepScope, around: ReferenceContext): string | undefined {
  const { bound, loop } = level
  const { name, path } = mention
  const [field] = path
  if (field !== undefined && bound.has(field)) return undefined
  const own = around.ended && name === around.step ? resolveInScope(level, name) : undefined
  if (own !== undefined) return resolveStep(mention, path, own, around)
  const message = `the body of loop \`${loop!.id}\` reads the loop's own result`
  const hint = field === undefined ? undefined : didYouMean(field, [...bound])
  return reportMention(mention, around, 'dependency_self', message, hint)
}

/** The node. A field that its step will not have is reported, unless the template allows for its absence. */
function resolveStep(mention: Mention, path: readonly string[], node: string, around: ReferenceContext): string {
  if (path.length === 1 && path[0] === 'status') checkStatus(mention, node, around)
  checkSkippable(mention, path, node, around)
  const fields = around.fieldsOf?.(node)
  if (fields) checkFields(mention, path, node, fields, around)
  return node
}

/** Reports a field that the result does not have. One with a default is only warned of: the default is always taken. */
function checkFields(
  mention: Mention,
  path: readonly string[],
  node: string,
  fields: StepFields,
  around: ReferenceContext,
): void {
  const [field, inner] = path
  const isResult = field === 'result' && inner !== undefined
  const [read, known] = isResult ? [inner, fields.result] : [field, fields.own]
  if (read === undefined) return
  const tell = ([code, says]: typeof UNDEFINED_FIELD | typeof UNDECLARED_FIELD, name: string, hint?: string) =>
    reportMention(mention, around, code, `step \`${stepName(node)}\` ${says} \`${name}\``, hint)
  if (known.includes(read)) {
    const rest = isResult ? path.slice(1) : path
    const undeclared = undeclaredField(fields, rest)
    const hint = undeclared && suggestOrList(rest.at(-1)!, undeclared.known, 'fields')
    if (undeclared) tell(UNDECLARED_FIELD, undeclared.name, hint)
    return
  }
  if (mention.guarded && fields.open) return
  const hint =
    hintInLoop(read, node, fields) ??
    didYouMean(read, known) ??
    suggestOrList(read, isResult ? known : fields.result, 'fields')
  tell(fields.open || mention.guarded ? UNDECLARED_FIELD : UNDEFINED_FIELD, read, hint)
}

const STATUSES = ['completed', 'failed', 'skipped']

/** Warns of a comparison with a status that no step ever has: it is always false. */
function checkStatus(mention: Mention, node: string, around: ReferenceContext): void {
  const [status] = mention.against ?? []
  if (status === undefined || mention.against?.some((text) => STATUSES.includes(text))) return
  const message = `step \`${stepName(node)}\` never has the status \`${status}\``
  reportMention(mention, around, 'unknown_status', message, suggestOrList(status, STATUSES, 'statuses'))
}

function hintInLoop(read: string, node: string, fields: StepFields | undefined): string | undefined {
  if (!fields?.body?.ids.includes(read)) return undefined
  return `It is a step of the body: read it from ${stepName(node)}.${fields.body.within}.`
}

/** An input with an <AUTO> default is read from the step that asks for it. */
function resolveInput(
  mention: Mention,
  name: string,
  path: readonly string[],
  around: ReferenceContext,
): string | undefined {
  const { inputs } = around.spec
  if (!Object.hasOwn(inputs, name)) return undefined
  if (path.length === 0) checkInput(mention, name, around)
  if (!inputs[name]!.asks) return undefined
  if (around.step !== INPUTS_NODE) return INPUTS_NODE
  const message = `an <AUTO> default cannot read \`${name}\`, because its default is an <AUTO> tag, too`
  return reportMention(mention, around, 'dependency_self', message)
}

/** Warns of a comparison with a value that an input never has: it is always false. */
function checkInput(mention: Mention, name: string, around: ReferenceContext): void {
  const { type, choices } = around.spec.inputs[name]!
  const { against = [] } = mention
  const text = against.find((each) => each !== '')
  if (text === undefined) return
  const never = (what: string, hint?: string) =>
    reportMention(mention, around, 'never_met', `input \`${name}\` is never ${what}`, hint)
  if (type === 'boolean') never(`the text \`${text}\`; it is true or false`, `Write \`${name}\`, or \`not ${name}\`.`)
  else if (type === 'integer' || type === 'number') never(`the text \`${text}\`; it is a number`, 'Remove the quotes.')
  else if (type !== 'array' && choices && !against.some((each) => choices.includes(each)))
    never(`\`${text}\``, suggestOrList(text, choices.map(String), 'choices'))
}

const UNDEFINED_FIELD = ['undefined_step_field', 'has no field'] as const
const UNDECLARED_FIELD = ['undeclared_output_field', 'does not declare a field'] as const

function resolveInMap(mention: Mention, around: ReferenceContext): string | undefined {
  const [id] = mention.path
  if (id === undefined) {
    around.readsAll?.()
    return undefined
  }
  const { levels, step, ended } = around
  for (const [depth, level] of levels.entries()) {
    const isOwn = depth === 0 && id === step
    const read = id === level.loop?.id && !isOwn ? undefined : resolveInScope(level, id)
    if (read !== undefined && (!isOwn || ended)) return resolveStep(mention, mention.path.slice(1), read, around)
  }
  if (around.ofAll) return reportUnreadableStep(mention, id, around)
  const hint = suggestOrList(
    id,
    levels.flatMap(({ ids }) => [...ids]),
    'steps',
  )
  return reportMention(mention, around, 'undefined_variable', `there is no step \`${id}\``, hint)
}

function resolveOutput(mention: Mention, around: ReferenceContext): readonly string[] | undefined {
  const { spec, levels, step } = around
  const list = () => spec.outputs.slice(0, MAX_COMPARED).map((output) => output.name)
  checkField(mention, { has: (name) => hasOutput(spec, name, resolveMention), list }, around, 'outputs')
  const { nodes, asks } = readsOfOutputs(spec, mention.path[0], resolveMention)
  if (asks && step !== undefined) return reportMention(mention, around, 'not_supported', ASKED_LAST, ASK_BEFORE)
  const outermost = levels.findLast(({ loop }) => loop)?.loop?.id ?? step
  const own = nodes.find((node) => node === outermost)
  if (own === undefined) return nodes
  return reportMention(mention, around, 'dependency_self', `\`${own}\` reads an output that depends on its own result`)
}

const ASKED_LAST = 'an output with an <AUTO> tag is computed after all steps, so a step cannot read it'
const ASK_BEFORE =
  'Add a step with `action: debug` and `message: <AUTO>…</AUTO>`, and read that step here and in the output.'

/** A missing field of a constant is an error, unless the template allows for its absence. */
function checkConstant(mention: Mention, around: ReferenceContext): undefined {
  const fields = around.spec.constants[mention.name]
  if (!mention.guarded && isJsonObject(fields)) checkField(mention, fieldsOfMap(fields), around, 'fields')
}

const fieldsOfMap = (map: object): KnownIds => ({
  has: (field) => Object.hasOwn(map, field),
  list: () => listFields(map),
})
const knownFields = (fields: readonly string[]): KnownIds => ({
  has: (field) => fields.includes(field),
  list: () => fields,
})

// a large map is listed once
const listings = new WeakMap<object, readonly string[]>()

function listFields(map: object): readonly string[] {
  const list = listings.get(map) ?? sampleWords(Object.keys(map))
  listings.set(map, list)
  return list
}

function checkField(mention: Mention, fields: KnownIds, around: ReferenceContext, what: string): undefined {
  const [field] = mention.path
  if (field === undefined || mention.guarded || fields.has(field)) return undefined
  const hint = suggestOrList(field, fields.list(), what)
  return reportMention(mention, around, 'undefined_variable', `\`${mention.name}\` has no \`${field}\``, hint)
}
