import { findJsonFault } from '../../lib/json/json-form.ts'
import { shown } from '../../lib/shown.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { TIME_SPAN_EXPECTED, TIME_SPAN_TEXT } from '../../lib/time/span.ts'
import type { DynamicEffectTool, Tool } from '../tool.ts'

const KEYS: { readonly [Key in keyof DynamicEffectTool]-?: true } = {
  name: true,
  description: true,
  input: true,
  output: true,
  effect: true,
  effectOf: true,
  server: true,
  reach: true,
  paths: true,
  changes: true,
  commands: true,
  isolation: true,
  memory: true,
  timeout: true,
  heartbeat: true,
  approve: true,
  title: true,
  lookUp: true,
  settlesAfter: true,
  paid: true,
  capabilities: true,
  health: true,
  execute: true,
  confined: true,
  prepare: true,
  undo: true,
}

/** Keys that tools of other libraries have. */
const ELSEWHERE: { readonly [key: string]: keyof Tool } = {
  parameters: 'input',
  schema: 'input',
  inputSchema: 'input',
  args: 'input',
  outputSchema: 'output',
  returns: 'output',
  run: 'execute',
  call: 'execute',
  handler: 'execute',
  func: 'execute',
  invoke: 'execute',
  needsApproval: 'approve',
}

type ToolFault = { readonly path: string; readonly message: string; readonly hint?: string }

/** Finds why a value of JavaScript is not a tool; undefined: it is one. */
export function findToolFault(value: unknown): ToolFault | undefined {
  if (typeof value !== 'object' || value === null) return { path: '', message: 'not a tool' }
  const tool = value as Tool
  return (
    unknownKey(tool) ??
    (typeof tool.name === 'string' ? undefined : fault('name', 'is not a text')) ??
    nameFault(tool.name) ??
    (typeof tool.description === 'string' ? undefined : fault('description', 'is not a text')) ??
    schemaFault('input', tool.input) ??
    (tool.output === undefined ? undefined : schemaFault('output', tool.output)) ??
    (EFFECT_CLASSES.includes(tool.effect)
      ? undefined
      : fault('effect', `is not one of ${EFFECT_CLASSES.join(', ')}`)) ??
    limitFault(tool) ??
    systemFault(tool) ??
    (typeof tool.execute === 'function' ? undefined : fault('execute', `is not a function${got(tool.execute)}`)) ??
    (isGenerator(tool.execute) ? fault('execute', 'is a generator, which has no result', GENERATOR_HINT) : undefined) ??
    (['undefined', 'boolean', 'function'].includes(typeof tool.approve)
      ? undefined
      : fault('approve', `is neither true, nor false, nor a function${got(tool.approve)}`)) ??
    (['undefined', 'string', 'function'].includes(typeof tool.title)
      ? undefined
      : fault('title', `is neither a text nor a function${got(tool.title)}`)) ??
    lookUpFault(tool)
  )
}

/** Its result would be an iterator that nobody reads. */
const isGenerator = (execute: Tool['execute']) => /GeneratorFunction$/.test(execute.constructor?.name)

const GENERATOR_HINT = 'Write `async execute`, report progress by `emit` of its context, and return the result.'

/** Whether a tool may have this name: lower-case letters, digits, `-` and `_`, with an operation after a `:` or not. */
export const isToolName = (name: string): boolean =>
  /^[a-z][a-z0-9_-]*(:[a-z][a-z0-9_-]*)?$/.test(name) && !name.startsWith('mcp__')

const EFFECT_CLASSES = ['pure', 'idempotent', 'at-most-once']

const fault = (path: string, what: string, hint?: string): ToolFault => ({
  path,
  message: `\`${path}\` ${what}`,
  ...(hint !== undefined && { hint }),
})

const wrong = (path: string, what: string): ToolFault => ({ path, message: `\`${path}\`: ${what}` })

function unknownKey(tool: object): ToolFault | undefined {
  const known = Object.keys(KEYS)
  const key = Object.keys(tool).find((one) => !Object.hasOwn(KEYS, one))
  if (key === undefined) return undefined
  const meant = Object.hasOwn(ELSEWHERE, key) ? ELSEWHERE[key] : nearestWord(key, known)
  const hint = meant === undefined ? `Known keys: ${known.join(', ')}.` : `Did you mean ${meant}?`
  return { path: key, message: `the key \`${key}\` is unknown`, hint }
}

function nameFault(name: string): ToolFault | undefined {
  if (isToolName(name)) return undefined
  const message = `expected the name of a tool, such as get_weather or shop:order, got ${shown(name)}`
  return { path: 'name', message }
}

function schemaFault(key: 'input' | 'output', schema: unknown): ToolFault | undefined {
  const found = findJsonFault(schema, key)
  if (found) return { ...found, path: [key, ...found.path].join('.'), message: `\`${key}\`: ${placed(found)}` }
  const validate = (schema as Partial<Tool['input']> | undefined)?.['~standard']?.validate
  if (typeof validate === 'function') return undefined
  return fault(key, `is not a schema (zod, valibot, arktype)${got(schema)}`, 'Write for example z.object({ … }).')
}

const placed = ({ path, message }: { readonly path: readonly string[]; readonly message: string }) =>
  path.length === 0 ? message : `${message}, in \`${path.join('.')}\``

const got = (value: unknown) =>
  value === undefined ? ': it is missing' : `: got ${typeof value === 'object' ? 'a plain object' : typeof value}`

function systemFault({ capabilities = [], health, isolation }: Tool): ToolFault | undefined {
  const isList =
    Array.isArray(capabilities) && capabilities.every((one) => typeof one === 'string' && one.trim() !== '')
  if (!isList) return wrong('capabilities', `expected a list of words, got ${shown(capabilities)}`)
  if (health !== undefined && typeof health !== 'function') return fault('health', `is not a function${got(health)}`)
  // its code runs in a process for each call
  return health && isolation ? fault('health', "is not possible with `isolation: 'process'`") : undefined
}

function lookUpFault({ effect, effectOf, lookUp, settlesAfter, isolation }: Partial<DynamicEffectTool>) {
  if (settlesAfter !== undefined) {
    if (lookUp === undefined) return fault('settlesAfter', 'needs `lookUp`')
    const isSpan = typeof settlesAfter === 'string' ? TIME_SPAN_TEXT.test(settlesAfter) : settlesAfter >= 0
    if (!isSpan) return wrong('settlesAfter', TIME_SPAN_EXPECTED)
  }
  if (lookUp === undefined) return undefined
  if (typeof lookUp !== 'function') return fault('lookUp', `is not a function${got(lookUp)}`)
  if (isolation) return fault('lookUp', 'does not work with `isolation`')
  if (effect === 'at-most-once' || effectOf) return undefined
  return fault('lookUp', `has no use: a call of the effect ${effect} is made again when its outcome is unknown`)
}

function limitFault({ isolation, memory, timeout, heartbeat }: Tool): ToolFault | undefined {
  if (isolation !== undefined && isolation !== 'process')
    return wrong('isolation', `expected process, got ${shown(isolation)}`)
  if (timeout !== undefined && !(timeout > 0)) return wrong('timeout', 'expected seconds above 0')
  if (heartbeat !== undefined && !(heartbeat > 0)) return wrong('heartbeat', 'expected seconds above 0')
  if (heartbeat !== undefined && isolation) return fault('heartbeat', 'does not work with `isolation`')
  if (memory === undefined) return undefined
  if (!isolation) return fault('memory', "needs `isolation: 'process'`")
  return memory >= MIN_MEGABYTES ? undefined : wrong('memory', `expected megabytes, at least ${MIN_MEGABYTES}`)
}

/** Node itself and a small plugin need about half of this. */
const MIN_MEGABYTES = 16
