import type { EffectClass } from '../../../kernel/types.ts'
import { type OnTruncated, PROMPT_CACHES } from '../../../model/request/request.ts'
import {
  ANY_SCHEMA,
  anyOf,
  HANDLERS_SCHEMA,
  ID_LIST_SCHEMA,
  ID_SCHEMA,
  type KeyTable,
  list,
  MODEL_NEEDS_SCHEMA,
  STEPS_SCHEMA,
  schemaProperties,
  TEXT_SCHEMA,
} from './key-table.ts'
import {
  BYTES,
  EXPRESSION,
  FLAG,
  ITERATIONS,
  integerBetween,
  LIST,
  MAP,
  NAME,
  numberBetween,
  PATIENCE,
  PRIORITY,
  SECONDS,
  TEXT,
  WIDTH,
  wordAmong,
} from './value-kinds.ts'

const EFFECTS = ['pure', 'idempotent', 'at-most-once'] as const satisfies readonly EffectClass[]
const TRUNCATED_POLICIES = ['fail', 'continue', 'keep'] as const satisfies readonly OnTruncated[]

export const MAX_CACHE_TTL_SECONDS = 30 * 86_400

/** Maximum number of cache tags of one step. */
export const MAX_CACHE_TAGS = 20

/** The keys of `cache:` when it is a map. */
export const CACHE_TABLE: KeyTable = {
  ttl: {
    says: 'Seconds, at most 30 days.',
    shape: { type: 'number', exclusiveMinimum: 0, maximum: MAX_CACHE_TTL_SECONDS },
  },
  tags: {
    says: 'Tags to drop the reply by (`antiphon cache drop --tag`); templates.',
    shape: { ...list(TEXT_SCHEMA, 1), maxItems: MAX_CACHE_TAGS },
  },
}

/** The keys of `look_up:`. */
export const LOOK_UP_TABLE = {
  tool: { says: 'A tool that only reads.', ...NAME },
  action: { says: 'Its operation.', ...NAME },
  parameters: { says: 'Templates, in which `key` is the idempotency key of the call.', ...MAP },
  effect: { says: '`pure`, if the tool only reads here.', ...wordAmong(['pure'] as const) },
  done: {
    says: 'A template: the result of the call, by `result` of the tool. Nothing: it was not found.',
    shape: ANY_SCHEMA,
  },
  not_done: { says: 'A condition under which the call was not made.', ...EXPRESSION },
  settles_after: { says: 'The time after which `not_done` counts; without it a person decides.', ...PATIENCE },
} satisfies KeyTable

const TARGET = { ...NAME, wants: 'the id of a step' }
const ATTEMPTS = integerBetween(0, 100)

/** The keys of `retry_config:`, and of `retry:` when it is a map. */
export const RETRY_CONFIG_TABLE = {
  initial_delay: numberBetween(0, 86_400),
  backoff_factor: numberBetween(1, 100),
  max_delay: numberBetween(0, 7 * 86_400),
  max_retries: numberBetween(0, 100),
  jitter: FLAG,
}

export const STEP_TABLE = {
  id: { says: 'Name in templates and dependencies; unique among its siblings.', shape: ID_SCHEMA },
  name: { says: 'For people; not a template.', shape: TEXT_SCHEMA },
  description: { says: 'For people; not a template.', shape: TEXT_SCHEMA },
  metadata: { says: 'For people and other programs.', shape: ANY_SCHEMA },

  tool: { says: 'The tool to call.', ...NAME },
  control_system: { says: 'The same as `tool`.', ...NAME },
  capabilities: { says: 'What its tool must be able to do, in words of that tool.', shape: list(TEXT_SCHEMA, 1) },
  action: { says: 'The operation of the tool; without a tool, a built-in action.', ...NAME },
  parameters: { says: 'Parameters; texts are templates.', ...MAP },
  inputs: { says: 'The same as `parameters`.', ...MAP },
  outputs: { says: 'For people.', shape: ANY_SCHEMA },
  tools: {
    says: 'Tools that the model of the step may call. The step then asks an agent of its own.',
    shape: list(TEXT_SCHEMA, 1),
  },
  effect: { says: 'Effect class; overrides that of the tool.', ofWork: true, ...wordAmong(EFFECTS) },

  look_up: {
    says: 'Asks another tool whether its at-most-once call took place, before a person: `{ tool, action, parameters, done, not_done, settles_after }`.',
    ofWork: true,
    shape: {
      type: 'object',
      properties: schemaProperties(LOOK_UP_TABLE),
      required: ['tool', 'done'],
      additionalProperties: false,
    },
  },

  dependencies: {
    says: 'Steps that must end first; steps that a template reads are added automatically.',
    shape: ID_LIST_SCHEMA,
  },
  depends_on: { says: 'The same as `dependencies`.', shape: ID_LIST_SCHEMA },
  condition: { says: 'The step is skipped if this is false.', ...EXPRESSION },
  if: { says: 'The same as `condition`.', ...EXPRESSION },

  for_each: { says: 'A list: `steps` run for each item.', ...LIST },
  steps: { says: 'The body of a loop.', shape: STEPS_SCHEMA },
  max_parallel: { says: 'Maximum number of parallel iterations.', ...WIDTH },
  loop_var: { says: 'Variable for the item, in addition to `item`.', shape: TEXT_SCHEMA },
  loop_name: { says: 'The name of the loop in templates.', ...NAME },
  add_completion_task: { says: 'Has no effect here.', shape: ANY_SCHEMA },
  foreach: { says: 'A list: the step itself runs for each item.', ...LIST },
  parallel: { says: 'Whether the items of `foreach` run in parallel.', ...FLAG },
  max_concurrent: { says: 'Maximum number of parallel items of `foreach`; default 10.', ...WIDTH },
  items: { says: 'The list for `type: parallel_map`.', ...LIST },
  type: { says: '`parallel_map`: the same as `foreach` with `parallel: true`.', shape: TEXT_SCHEMA },
  while: { says: 'Repeats `steps` while this is true.', ...EXPRESSION },
  until: { says: 'Repeats `steps`, or the actions of `action_loop`, until this is true.', ...EXPRESSION },
  max_iterations: { says: 'Maximum number of iterations.', ...ITERATIONS },
  action_loop: { says: 'Actions to repeat in order.', shape: list(MAP.shape, 1) },
  while_condition: { says: 'Repeats the actions of `action_loop` while this is true.', ...EXPRESSION },
  break_on_error: { says: 'Whether a failed action ends the `action_loop`.', ...FLAG },
  iteration_timeout: { says: 'Timeout in seconds for all actions of one iteration.', ...SECONDS },
  create_parallel_queue: { says: 'Actions for each item of a list, items in parallel.', ...MAP },

  retry: {
    says: 'Retries after the first attempt; a map: the same as `retry_config`.',
    ofWork: true,
    ...ATTEMPTS,
    shape: anyOf(ATTEMPTS.shape, MAP.shape),
  },
  max_retries: {
    says: 'The total number of attempts, as py-orc counts them; write `retry`.',
    ofWork: true,
    ...ATTEMPTS,
  },
  retry_config: { says: '`{ max_retries, initial_delay, backoff_factor, max_delay, jitter }`.', ...MAP },
  timeout: { says: 'Timeout in seconds per attempt.', ofWork: true, ...SECONDS },
  priority: { says: 'How urgent its work is: in pools, and where work waits for money.', ofWork: true, ...PRIORITY },
  patience: {
    says: 'How long it waits for the provider of its model: seconds, or a time such as `30m`. 0: it does not wait.',
    ofWork: true,
    ...PATIENCE,
  },
  on_truncated: {
    says: 'For a reply of its model that was cut off: `keep` (default) keeps the part and marks the step as degraded, `continue` asks for the rest, `fail` fails.',
    ofWork: true,
    ...wordAmong(TRUNCATED_POLICIES),
  },
  promptCache: {
    says: 'How long the provider keeps the beginning of its requests, if it wants that marked: `5m` (default with `tools:`), `1h`, or `off`.',
    ofWork: true,
    ...wordAmong(PROMPT_CACHES),
  },
  on_failure: {
    says: '`fail`, `continue`, `skip`, `retry`, `undo`, or the step to continue with.',
    shape: TEXT_SCHEMA,
  },
  continue_on_error: { says: 'The same as `on_failure: continue`.', ...FLAG },
  on_success: { says: 'The same as `goto`.', ...TARGET },
  on_false: { says: 'The step to continue with if the condition is false.', ...TARGET },
  else: { says: 'The same as `on_false`.', ...TARGET },
  goto: { says: 'The step to continue with after success.', ...TARGET },
  fallback: { says: 'Steps or models to use if it fails.', shape: anyOf(TEXT_SCHEMA, list(TEXT_SCHEMA, 1)) },
  on_error: { says: 'Handlers for its failure.', shape: anyOf(TEXT_SCHEMA, HANDLERS_SCHEMA) },
  'on-error': { says: 'The same as `on_error`.', shape: anyOf(TEXT_SCHEMA, HANDLERS_SCHEMA) },
  error_handlers: { says: 'The same as `on_error`, as a list.', shape: HANDLERS_SCHEMA },
  error_handling: { says: 'Accepted for compatibility; has no effect.', ignored: true },
  tool_config: { says: 'Accepted for compatibility; has no effect.', ignored: true },

  requires_model: {
    says: 'Requirements for the model, in words (`vision, 100k context, json`) or as a map; or none.',
    shape: anyOf(MODEL_NEEDS_SCHEMA, TEXT_SCHEMA, list(TEXT_SCHEMA, 1)),
  },
  cache: {
    says: 'Whether to cache the reply for the same prompt of the same owner; a map sets lifetime and tags.',
    shape: anyOf(FLAG.shape, {
      type: 'object',
      properties: schemaProperties(CACHE_TABLE),
      minProperties: 1,
      additionalProperties: false,
    }),
  },
  'requires-model': {
    says: 'The same as `requires_model`.',
    shape: anyOf(MODEL_NEEDS_SCHEMA, TEXT_SCHEMA, list(TEXT_SCHEMA, 1)),
  },

  produces: { says: 'Kind of the file it writes, such as `markdown-file`.', ...TEXT },
  location: { says: 'The file for its result; a template.', ...TEXT },
  format: { says: 'The format of that file.', ...TEXT },
  schema: { says: 'Structure of that file, for people.', shape: ANY_SCHEMA },
  output_schema: { says: 'The same as `schema`.', shape: ANY_SCHEMA },
  size_limit: { says: 'Maximum size of that file, in bytes or as in 10MB.', ...BYTES },
  output_description: { says: 'Description of that file, for people.', ...TEXT },
} satisfies KeyTable

const ACTIONS_SCHEMA = list(MAP.shape, 1)
const REPEAT_TABLE: KeyTable = {
  action_loop: { says: 'Actions for each item, in order.', shape: ACTIONS_SCHEMA },
  until: { says: 'Repeats the actions of an item until this is true.', ...EXPRESSION },
  while: { says: 'Repeats the actions of an item while this is true.', ...EXPRESSION },
  while_condition: { says: 'The same as `while`.', ...EXPRESSION },
  max_iterations: { says: 'Maximum number of iterations per item.', ...ITERATIONS },
  iteration_timeout: { says: 'Timeout in seconds for all actions of one iteration.', ...SECONDS },
}

/** The keys of `create_parallel_queue`. */
export const QUEUE_TABLE: KeyTable = {
  on: { says: 'The list of items.', ...LIST },
  true: { says: 'The key `on` as YAML 1.1 reads it.', ...LIST },
  max_parallel: { says: 'Maximum number of parallel items; default 10.', ...WIDTH },
  tool: { says: 'Default tool of the actions.', shape: TEXT_SCHEMA },
  task: { says: 'An optional wrapper around the actions and their condition.', ...MAP },
  ...REPEAT_TABLE,
}
