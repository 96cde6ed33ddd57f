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

/** Seconds that a reply is kept at most. */
export const MAX_CACHE_TTL_SECONDS = 30 * 86_400

/** Tags that the reply of one step may have. */
export const MAX_CACHE_TAGS = 20

/** The keys of `cache:` when it is a map. */
export const CACHE_TABLE: KeyTable = {
  ttl: {
    says: 'Seconds, 30 days at most.',
    shape: { type: 'number', exclusiveMinimum: 0, maximum: MAX_CACHE_TTL_SECONDS },
  },
  tags: {
    says: 'What the reply can be dropped by (`antiphon cache drop --tag`); templates.',
    shape: { ...list(TEXT_SCHEMA, 1), maxItems: MAX_CACHE_TAGS },
  },
}

/** The keys of a step. */
export const STEP_TABLE: KeyTable = {
  id: { says: 'Its name in templates and dependencies; unique among its siblings.', shape: ID_SCHEMA },
  name: { says: 'For people; never a template.', shape: TEXT_SCHEMA },
  description: { says: 'For people; never a template.', shape: TEXT_SCHEMA },
  metadata: { says: 'For people and other programs.', shape: ANY_SCHEMA },

  tool: { says: 'The tool that does it.', shape: TEXT_SCHEMA },
  action: { says: 'An operation of the tool; without a tool what is done by itself.', shape: TEXT_SCHEMA },
  parameters: { says: 'What it is done with; texts are templates.', shape: MAP_SCHEMA },
  inputs: { says: 'The same as `parameters`.', shape: MAP_SCHEMA },
  outputs: { says: 'For people.', shape: ANY_SCHEMA },
  effect: {
    says: 'Whether it may be repeated, where what the tool says is wrong.',
    shape: oneOf('pure', 'idempotent', 'at-most-once'),
  },

  dependencies: { says: 'Steps that end first; what a template reads is waited for anyway.', shape: ID_LIST_SCHEMA },
  depends_on: { says: 'The same as `dependencies`.', shape: ID_LIST_SCHEMA },
  condition: { says: 'When it does not hold the step is skipped.', shape: CONDITION_SCHEMA },
  if: { says: 'The same as `condition`.', shape: CONDITION_SCHEMA },

  for_each: { says: 'A list: `steps` are done for each item.', shape: LIST_SCHEMA },
  steps: { says: 'The body of a loop.', shape: STEPS_SCHEMA },
  max_parallel: { says: 'How many iterations at once.', shape: orTemplate(integerBetween(1, 1000)) },
  loop_var: { says: 'The name of an item, beside `item`.', shape: TEXT_SCHEMA },
  loop_name: { says: 'The name of the loop in templates.', shape: TEXT_SCHEMA },
  add_completion_task: { says: 'Has no meaning here.', shape: ANY_SCHEMA },
  foreach: { says: 'A list: the step itself is done for each item.', shape: LIST_SCHEMA },
  parallel: { says: 'Whether the items of `foreach` go side by side.', shape: BOOLEAN_SCHEMA },
  max_concurrent: {
    says: 'How many items of `foreach` at once; 10 when nothing is said.',
    shape: orTemplate(integerBetween(1, 1000)),
  },
  items: { says: 'What `type: parallel_map` goes over.', shape: LIST_SCHEMA },
  type: { says: '`parallel_map`: the same as `foreach` with `parallel: true`.', shape: TEXT_SCHEMA },
  while: { says: 'Repeats `steps` as long as it holds.', shape: CONDITION_SCHEMA },
  until: { says: 'Repeats `steps`, or the actions of `action_loop`, until it holds.', shape: CONDITION_SCHEMA },
  max_iterations: { says: 'How often at most.', shape: orTemplate(integerBetween(0, 100_000)) },
  action_loop: { says: 'Actions that are repeated in order.', shape: list(MAP_SCHEMA, 1) },
  while_condition: { says: 'Repeats the actions of `action_loop` as long as it holds.', shape: CONDITION_SCHEMA },
  break_on_error: { says: 'Whether an action that fails ends the `action_loop`.', shape: BOOLEAN_SCHEMA },
  iteration_timeout: { says: 'Seconds that all actions of one turn may take together.', shape: SECONDS_SCHEMA },
  create_parallel_queue: { says: 'Actions for each item of a list, items side by side.', shape: MAP_SCHEMA },

  retry: {
    says: 'Attempts after the first; a map: the same as `retry_config`.',
    shape: anyOf(integerBetween(0, 100), MAP_SCHEMA),
  },
  max_retries: { says: 'Attempts in all.', shape: integerBetween(0, 100) },
  retry_config: { says: '`{ max_retries, initial_delay, backoff_factor, max_delay, jitter }`.', shape: MAP_SCHEMA },
  timeout: { says: 'Seconds for one attempt.', shape: SECONDS_SCHEMA },
  on_failure: { says: '`fail`, `continue`, `skip`, `retry`, `undo`, or the step to go on with.', shape: TEXT_SCHEMA },
  continue_on_error: { says: 'The same as `on_failure: continue`.', shape: BOOLEAN_SCHEMA },
  on_success: { says: 'The same as `goto`.', shape: TEXT_SCHEMA },
  on_false: { says: 'The step to go on with when the condition does not hold.', shape: TEXT_SCHEMA },
  else: { says: 'The same as `on_false`.', shape: TEXT_SCHEMA },
  goto: { says: 'The step to go on with when it succeeded.', shape: TEXT_SCHEMA },
  fallback: { says: 'Steps, or models, that stand in when it fails.', shape: anyOf(TEXT_SCHEMA, list(TEXT_SCHEMA, 1)) },
  on_error: { says: 'What is done about its failure.', shape: anyOf(TEXT_SCHEMA, HANDLERS_SCHEMA) },
  'on-error': { says: 'The same as `on_error`.', shape: anyOf(TEXT_SCHEMA, HANDLERS_SCHEMA) },
  error_handlers: { says: 'The same as `on_error`, as a list.', shape: HANDLERS_SCHEMA },
  error_handling: { says: 'Describes something that never existed; has no meaning.', ignored: true },
  tool_config: { says: 'Describes something that never existed; has no meaning.', ignored: true },

  requires_model: {
    says: 'What the model must be, in words (`vision, 100k context, json`) or as a map; or none.',
    shape: anyOf(MODEL_NEEDS_SCHEMA, TEXT_SCHEMA, list(TEXT_SCHEMA, 1)),
  },
  cache: {
    says: 'Whether the reply of a model is kept, and given again to the same question of the same owner; a map: how long, and with which tags.',
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

  produces: { says: 'What kind of file it makes, as in `markdown-file`.', shape: TEXT_SCHEMA },
  location: { says: 'The file its result is kept in; a template.', shape: TEXT_SCHEMA },
  format: { says: 'The format of that file.', shape: TEXT_SCHEMA },
  schema: { says: 'What that file looks like inside, for people.', shape: ANY_SCHEMA },
  output_schema: { says: 'The same as `schema`.', shape: ANY_SCHEMA },
  size_limit: { says: 'How large that file may be, in bytes or as in 10MB.', shape: { type: ['number', 'string'] } },
  output_description: { says: 'What that file is, for people.', shape: TEXT_SCHEMA },
}

const ACTIONS_SCHEMA = list(MAP_SCHEMA, 1)
const REPEAT_TABLE: KeyTable = {
  action_loop: { says: 'What is done for each item, in order.', shape: ACTIONS_SCHEMA },
  until: { says: 'Repeats the actions of an item until it holds.', shape: CONDITION_SCHEMA },
  while: { says: 'Repeats the actions of an item as long as it holds.', shape: CONDITION_SCHEMA },
  while_condition: { says: 'The same as `while`.', shape: CONDITION_SCHEMA },
  max_iterations: { says: 'How often the actions of an item at most.', shape: orTemplate(integerBetween(0, 100_000)) },
  iteration_timeout: { says: 'Seconds that the actions may take together, each time.', shape: SECONDS_SCHEMA },
}

/** The keys of `create_parallel_queue`. */
export const QUEUE_TABLE: KeyTable = {
  on: { says: 'The list it goes over.', shape: LIST_SCHEMA },
  true: { says: 'What YAML 1.1 makes of a bare `on`.', shape: LIST_SCHEMA },
  max_parallel: {
    says: 'How many items at once; 10 when nothing is said.',
    shape: orTemplate(integerBetween(1, 1000)),
  },
  tool: { says: 'The tool of the actions that name none.', shape: TEXT_SCHEMA },
  task: { says: 'May stand around the actions and their condition.', shape: MAP_SCHEMA },
  ...REPEAT_TABLE,
}
