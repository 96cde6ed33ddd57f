import {
  ANY_SCHEMA,
  anyOf,
  BOOLEAN_SCHEMA,
  CONDITION_SCHEMA,
  HANDLERS_SCHEMA,
  ID_LIST_SCHEMA,
  ID_SCHEMA,
  integerBetween,
  type KeyTable,
  LIST_SCHEMA,
  list,
  MAP_SCHEMA,
  MODEL_NEEDS_SCHEMA,
  oneOf,
  orTemplate,
  SECONDS_SCHEMA,
  STEPS_SCHEMA,
  schemaProperties,
  TEXT_SCHEMA,
} from './key-table.ts'

/** Maximum seconds for which a reply is cached. */
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

/** The keys of a step. */
export const STEP_TABLE: KeyTable = {
  id: { says: 'Name in templates and dependencies; unique among its siblings.', shape: ID_SCHEMA },
  name: { says: 'For people; not a template.', shape: TEXT_SCHEMA },
  description: { says: 'For people; not a template.', shape: TEXT_SCHEMA },
  metadata: { says: 'For people and other programs.', shape: ANY_SCHEMA },

  tool: { says: 'The tool to call.', shape: TEXT_SCHEMA },
  action: { says: 'The operation of the tool; without a tool, a built-in action.', shape: TEXT_SCHEMA },
  parameters: { says: 'Parameters; texts are templates.', shape: MAP_SCHEMA },
  inputs: { says: 'The same as `parameters`.', shape: MAP_SCHEMA },
  outputs: { says: 'For people.', shape: ANY_SCHEMA },
  tools: {
    says: 'Tools that the model of the step may call. The step then asks an agent of its own.',
    shape: list(TEXT_SCHEMA, 1),
  },
  effect: {
    says: 'Effect class; overrides that of the tool.',
    shape: oneOf('pure', 'idempotent', 'at-most-once'),
  },

  dependencies: {
    says: 'Steps that must end first; steps that a template reads are added automatically.',
    shape: ID_LIST_SCHEMA,
  },
  depends_on: { says: 'The same as `dependencies`.', shape: ID_LIST_SCHEMA },
  condition: { says: 'The step is skipped if this is false.', shape: CONDITION_SCHEMA },
  if: { says: 'The same as `condition`.', shape: CONDITION_SCHEMA },

  for_each: { says: 'A list: `steps` run for each item.', shape: LIST_SCHEMA },
  steps: { says: 'The body of a loop.', shape: STEPS_SCHEMA },
  max_parallel: { says: 'Maximum number of parallel iterations.', shape: orTemplate(integerBetween(1, 1000)) },
  loop_var: { says: 'Variable for the item, in addition to `item`.', shape: TEXT_SCHEMA },
  loop_name: { says: 'The name of the loop in templates.', shape: TEXT_SCHEMA },
  add_completion_task: { says: 'Has no effect here.', shape: ANY_SCHEMA },
  foreach: { says: 'A list: the step itself runs for each item.', shape: LIST_SCHEMA },
  parallel: { says: 'Whether the items of `foreach` run in parallel.', shape: BOOLEAN_SCHEMA },
  max_concurrent: {
    says: 'Maximum number of parallel items of `foreach`; default 10.',
    shape: orTemplate(integerBetween(1, 1000)),
  },
  items: { says: 'The list for `type: parallel_map`.', shape: LIST_SCHEMA },
  type: { says: '`parallel_map`: the same as `foreach` with `parallel: true`.', shape: TEXT_SCHEMA },
  while: { says: 'Repeats `steps` while this is true.', shape: CONDITION_SCHEMA },
  until: { says: 'Repeats `steps`, or the actions of `action_loop`, until this is true.', shape: CONDITION_SCHEMA },
  max_iterations: { says: 'Maximum number of iterations.', shape: orTemplate(integerBetween(0, 100_000)) },
  action_loop: { says: 'Actions to repeat in order.', shape: list(MAP_SCHEMA, 1) },
  while_condition: { says: 'Repeats the actions of `action_loop` while this is true.', shape: CONDITION_SCHEMA },
  break_on_error: { says: 'Whether a failed action ends the `action_loop`.', shape: BOOLEAN_SCHEMA },
  iteration_timeout: { says: 'Timeout in seconds for all actions of one iteration.', shape: SECONDS_SCHEMA },
  create_parallel_queue: { says: 'Actions for each item of a list, items in parallel.', shape: MAP_SCHEMA },

  retry: {
    says: 'Retries after the first attempt; a map: the same as `retry_config`.',
    shape: anyOf(integerBetween(0, 100), MAP_SCHEMA),
  },
  max_retries: { says: 'Total number of attempts.', shape: integerBetween(0, 100) },
  retry_config: { says: '`{ max_retries, initial_delay, backoff_factor, max_delay, jitter }`.', shape: MAP_SCHEMA },
  timeout: { says: 'Timeout in seconds per attempt.', shape: SECONDS_SCHEMA },
  patience: {
    says: 'How long it waits for the provider of its model: seconds, or a time such as `30m`. 0: it does not wait.',
    shape: anyOf({ type: 'number', minimum: 0, maximum: 604_800 }, { type: 'string' }),
  },
  on_failure: {
    says: '`fail`, `continue`, `skip`, `retry`, `undo`, or the step to continue with.',
    shape: TEXT_SCHEMA,
  },
  continue_on_error: { says: 'The same as `on_failure: continue`.', shape: BOOLEAN_SCHEMA },
  on_success: { says: 'The same as `goto`.', shape: TEXT_SCHEMA },
  on_false: { says: 'The step to continue with if the condition is false.', shape: TEXT_SCHEMA },
  else: { says: 'The same as `on_false`.', shape: TEXT_SCHEMA },
  goto: { says: 'The step to continue with after success.', shape: TEXT_SCHEMA },
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
    shape: anyOf(BOOLEAN_SCHEMA, {
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

  produces: { says: 'Kind of the file it writes, such as `markdown-file`.', shape: TEXT_SCHEMA },
  location: { says: 'The file for its result; a template.', shape: TEXT_SCHEMA },
  format: { says: 'The format of that file.', shape: TEXT_SCHEMA },
  schema: { says: 'Structure of that file, for people.', shape: ANY_SCHEMA },
  output_schema: { says: 'The same as `schema`.', shape: ANY_SCHEMA },
  size_limit: { says: 'Maximum size of that file, in bytes or as in 10MB.', shape: { type: ['number', 'string'] } },
  output_description: { says: 'Description of that file, for people.', shape: TEXT_SCHEMA },
}

const ACTIONS_SCHEMA = list(MAP_SCHEMA, 1)
const REPEAT_TABLE: KeyTable = {
  action_loop: { says: 'Actions for each item, in order.', shape: ACTIONS_SCHEMA },
  until: { says: 'Repeats the actions of an item until this is true.', shape: CONDITION_SCHEMA },
  while: { says: 'Repeats the actions of an item while this is true.', shape: CONDITION_SCHEMA },
  while_condition: { says: 'The same as `while`.', shape: CONDITION_SCHEMA },
  max_iterations: { says: 'Maximum number of iterations per item.', shape: orTemplate(integerBetween(0, 100_000)) },
  iteration_timeout: { says: 'Timeout in seconds for all actions of one iteration.', shape: SECONDS_SCHEMA },
}

/** The keys of `create_parallel_queue`. */
export const QUEUE_TABLE: KeyTable = {
  on: { says: 'The list of items.', shape: LIST_SCHEMA },
  true: { says: 'The key `on` as YAML 1.1 reads it.', shape: LIST_SCHEMA },
  max_parallel: {
    says: 'Maximum number of parallel items; default 10.',
    shape: orTemplate(integerBetween(1, 1000)),
  },
  tool: { says: 'Default tool of the actions.', shape: TEXT_SCHEMA },
  task: { says: 'An optional wrapper around the actions and their condition.', shape: MAP_SCHEMA },
  ...REPEAT_TABLE,
}
