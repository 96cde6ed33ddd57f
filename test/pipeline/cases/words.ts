import type { Json } from '../../../src/kernel/schema.ts'
import { actionNames } from '../../../src/pipeline/language/actions/builtin-actions.ts'
import { TOOL_ALIASES } from '../../../src/pipeline/language/actions/tool-names.ts'
import { HANDLER_KEYS } from '../../../src/pipeline/language/parse/handlers.ts'
import { FAILURE_POLICIES, RETRY_CONFIG_KEYS } from '../../../src/pipeline/language/parse/policies.ts'
import { MODEL_NEED_TABLE } from '../../../src/pipeline/language/schema/model-need-keys.ts'
import { INPUT_TABLE, PIPELINE_TABLE, RULE_TABLE } from '../../../src/pipeline/language/schema/pipeline-keys.ts'
import { CACHE_TABLE, QUEUE_TABLE, STEP_TABLE } from '../../../src/pipeline/language/schema/step-keys.ts'
import { readYaml } from '../../../src/pipeline/language/source/read-yaml.ts'
import { roomTools } from '../../../src/rooms/rooms.ts'
import { ourTools } from '../../../src/runtime/services/toolbox.ts'

/** All words of the language, by where they belong. */
export const LANGUAGE = {
  pipeline: Object.keys(PIPELINE_TABLE),
  input: Object.keys(INPUT_TABLE),
  rule: Object.keys(RULE_TABLE),
  step: Object.keys(STEP_TABLE),
  cache: Object.keys(CACHE_TABLE),
  queue: Object.keys(QUEUE_TABLE),
  handler: HANDLER_KEYS,
  retry: RETRY_CONFIG_KEYS,
  on_failure: FAILURE_POLICIES,
  need: Object.keys(MODEL_NEED_TABLE),
  action: [...actionNames(), ...Object.keys(TOOL_ALIASES)],
  // `agent:*` has any name, and `nobody` in the cases
  // a room tries its tools itself
  tool: ourTools.filter((tool) => !roomTools.includes(tool)).map(({ name }) => name.replace('*', 'nobody')),
} as const

/** Those that occur in a pipeline, each with where it belongs: `step timeout`, `tool filesystem:read`. */
export function wordsIn(yaml: string): readonly string[] {
  return mapsIn(readYaml(yaml, 'p.yaml').value).flatMap((pipeline) => [
    ...keysAs('pipeline', pipeline),
    ...[pipeline.inputs, pipeline.parameters].flatMap(mapsIn).flatMap(inInputs),
    ...[pipeline.steps, pipeline.tasks].flatMap(mapsIn).flatMap(inStep),
    ...mapsIn(pipeline.global_error_handlers).flatMap(inHandler),
    ...mapsIn(pipeline.model).flatMap(inNeeds),
    ...inFailure(pipeline),
  ])
}

type Fields = { readonly [key: string]: Json | undefined }

const keysAs = (what: string, fields: Fields) => Object.keys(fields).map((key) => `${what} ${key}`)

function mapsIn(value: Json | undefined): readonly Fields[] {
  const list = Array.isArray(value) ? value : [value]
  return list.filter((one) => typeof one === 'object' && one !== null && !Array.isArray(one)) as Fields[]
}

function inInputs(inputs: Fields): readonly string[] {
  const isListed = typeof inputs.name === 'string'
  return (isListed ? [inputs] : Object.values(inputs).flatMap(mapsIn)).flatMap((input) => [
    ...keysAs('input', input),
    ...mapsIn(input.validation).flatMap((rules) => keysAs('rule', rules)),
  ])
}

function inStep(step: Fields): readonly string[] {
  return [
    ...keysAs('step', step),
    ...[step.steps, step.action_loop].flatMap(mapsIn).flatMap(inStep),
    ...mapsIn(step.cache).flatMap((cache) => keysAs('cache', cache)),
    ...mapsIn(step.create_parallel_queue).flatMap(inQueue),
    ...[step.on_error, step['on-error'], step.error_handlers].flatMap(mapsIn).flatMap(inHandler),
    ...[step.retry_config, step.retry].flatMap(mapsIn).flatMap((config) => keysAs('retry', config)),
    ...[step.requires_model, step['requires-model']].flatMap(mapsIn).flatMap(inNeeds),
    ...inFailure(step),
    ...inWork(step),
  ]
}

function inWork({ tool, action, parameters }: Fields): readonly string[] {
  const [named] = mapsIn(parameters).map((fields) => fields.action)
  if (typeof tool === 'string') return [tool, `${tool}:${action}`, `${tool}:${named}`].map((name) => `tool ${name}`)
  return typeof action === 'string' ? [`action ${action}`] : []
}

function inQueue(queue: Fields): readonly string[] {
  return [
    ...keysAs('queue', queue),
    ...mapsIn(queue.task).flatMap(inQueue),
    ...mapsIn(queue.action_loop).flatMap(inStep),
  ]
}

const inHandler = (handler: Fields) => keysAs('handler', handler)
const inNeeds = (needs: Fields) => keysAs('need', needs)
const inFailure = ({ on_failure: policy }: Fields) => (typeof policy === 'string' ? [`on_failure ${policy}`] : [])
