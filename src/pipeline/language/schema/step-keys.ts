import {
  ANY,
  anyOf,
  CONDITION,
  HANDLERS,
  ID,
  IDS,
  type KeyTable,
  LIST,
  list,
  MAP,
  NEEDS,
  oneOf,
  orTemplate,
  propertiesOf,
  SECONDS,
  STEPS,
  TEXT,
  whole,
  YES_NO,
} from './key-table.ts'

/** Seconds that a reply is kept at most. */
export const LONGEST_TTL = 30 * 86_400

/** Tags that the reply of one step may have. */
export const MOST_TAGS = 20

/** What may stand in `cache:` where that is a map. */
export const CACHE_TABLE: KeyTable = {
  ttl: { says: 'Seconds, 30 days at most.', shape: { type: 'number', exclusiveMinimum: 0, maximum: LONGEST_TTL } },
  tags: {
    says: 'What the reply can be dropped by (`antiphon cache drop --tag`); templates.',
    shape: { ...list(TEXT, 1), maxItems: MOST_TAGS },
  },
}

/** What may stand in a step. */
export const STEP_TABLE: KeyTable = {
  id: { says: 'Its name in templates and dependencies; unique among its siblings.', shape: ID },
  name: { says: 'For people; never a template.', shape: TEXT },
  description: { says: 'For people; never a template.', shape: TEXT },
  metadata: { says: 'For people and other programs.', shape: ANY },

  tool: { says: 'The tool that does it.', shape: TEXT },
  action: { says: 'An operation of the tool; without a tool what is done by itself.', shape: TEXT },
  parameters: { says: 'What it is done with; texts are templates.', shape: MAP },
  inputs: { says: 'The same as `parameters`.', shape: MAP },
  outputs: { says: 'For people.', shape: ANY },
  effect: {
    says: 'Whether it may be repeated, where what the tool says is wrong.',
    shape: oneOf('pure', 'idempotent', 'at-most-once'),
  },

  dependencies: { says: 'Steps that end first; what a template reads is waited for anyway.', shape: IDS },
  depends_on: { says: 'The same as `dependencies`.', shape: IDS },
  condition: { says: 'When it does not hold the step is skipped.', shape: CONDITION },
  if: { says: 'The same as `condition`.', shape: CONDITION },

  for_each: { says: 'A list: `steps` are done for each item.', shape: LIST },
  steps: { says: 'The body of a loop.', shape: STEPS },
  max_parallel: { says: 'How many iterations at once.', shape: orTemplate(whole(1, 1000)) },
  loop_var: { says: 'The name of an item, beside `item`.', shape: TEXT },
  loop_name: { says: 'The name of the loop in templates.', shape: TEXT },
  add_completion_task: { says: 'Has no meaning here.', shape: ANY },
  foreach: { says: 'A list: the step itself is done for each item.', shape: LIST },
  parallel: { says: 'Whether the items of `foreach` go side by side.', shape: YES_NO },
  max_concurrent: {
    says: 'How many items of `foreach` at once; 10 when nothing is said.',
    shape: orTemplate(whole(1, 1000)),
  },
  items: { says: 'What `type: parallel_map` goes over.', shape: LIST },
  type: { says: '`parallel_map`: the same as `foreach` with `parallel: true`.', shape: TEXT },
  while: { says: 'Repeats `steps` as long as it holds.', shape: CONDITION },
  until: { says: 'Repeats `steps`, or the actions of `action_loop`, until it holds.', shape: CONDITION },
  max_iterations: { says: 'How often at most.', shape: orTemplate(whole(0, 100_000)) },
  action_loop: { says: 'Actions that are repeated in order.', shape: list(MAP, 1) },
  while_condition: { says: 'Repeats the actions of `action_loop` as long as it holds.', shape: CONDITION },
  break_on_error: { says: 'Whether an action that fails ends the `action_loop`.', shape: YES_NO },
  iteration_timeout: { says: 'Seconds that all actions of one turn may take together.', shape: SECONDS },
  create_parallel_queue: { says: 'Actions for each item of a list, items side by side.', shape: MAP },

  retry: { says: 'Attempts after the first; a map: the same as `retry_config`.', shape: anyOf(whole(0, 100), MAP) },
  max_retries: { says: 'Attempts in all.', shape: whole(0, 100) },
  retry_config: { says: '`{ max_retries, initial_delay, backoff_factor, max_delay, jitter }`.', shape: MAP },
  timeout: { says: 'Seconds for one attempt.', shape: SECONDS },
  on_failure: { says: '`fail`, `continue`, `skip`, `retry`, `undo`, or the step to go on with.', shape: TEXT },
  continue_on_error: { says: 'The same as `on_failure: continue`.', shape: YES_NO },
  on_success: { says: 'The same as `goto`.', shape: TEXT },
  on_false: { says: 'The step to go on with when the condition does not hold.', shape: TEXT },
  else: { says: 'The same as `on_false`.', shape: TEXT },
  goto: { says: 'The step to go on with when it succeeded.', shape: TEXT },
  fallback: { says: 'Steps, or models, that stand in when it fails.', shape: anyOf(TEXT, list(TEXT, 1)) },
  on_error: { says: 'What is done about its failure.', shape: anyOf(TEXT, HANDLERS) },
  'on-error': { says: 'The same as `on_error`.', shape: anyOf(TEXT, HANDLERS) },
  error_handlers: { says: 'The same as `on_error`, as a list.', shape: HANDLERS },
  error_handling: { says: 'Describes something that never existed; has no meaning.', ignored: true },
  tool_config: { says: 'Describes something that never existed; has no meaning.', ignored: true },

  requires_model: {
    says: 'What the model must be, in words (`vision, 100k context, json`) or as a map; or none.',
    shape: anyOf(NEEDS, TEXT, list(TEXT, 1)),
  },
  cache: {
    says: 'Whether the reply of a model is kept, and given again to the same question of the same owner; a map: how long, and with which tags.',
    shape: anyOf(YES_NO, {
      type: 'object',
      properties: propertiesOf(CACHE_TABLE),
      minProperties: 1,
      additionalProperties: false,
    }),
  },
  'requires-model': { says: 'The same as `requires_model`.', shape: anyOf(NEEDS, TEXT, list(TEXT, 1)) },

  produces: { says: 'What kind of file it makes, as in `markdown-file`.', shape: TEXT },
  location: { says: 'The file its result is kept in; a template.', shape: TEXT },
  format: { says: 'The format of that file.', shape: TEXT },
  schema: { says: 'What that file looks like inside, for people.', shape: ANY },
  output_schema: { says: 'The same as `schema`.', shape: ANY },
  size_limit: { says: 'How large that file may be, in bytes or as in 10MB.', shape: { type: ['number', 'string'] } },
  output_description: { says: 'What that file is, for people.', shape: TEXT },
}

const ACTIONS = list(MAP, 1)
const TURNS: KeyTable = {
  action_loop: { says: 'What is done for each item, in order.', shape: ACTIONS },
  until: { says: 'Repeats the actions of an item until it holds.', shape: CONDITION },
  while: { says: 'Repeats the actions of an item as long as it holds.', shape: CONDITION },
  while_condition: { says: 'The same as `while`.', shape: CONDITION },
  max_iterations: { says: 'How often the actions of an item at most.', shape: orTemplate(whole(0, 100_000)) },
  iteration_timeout: { says: 'Seconds that the actions may take together, each time.', shape: SECONDS },
}

/** What may stand in `create_parallel_queue`. */
export const QUEUE_TABLE: KeyTable = {
  on: { says: 'The list it goes over.', shape: LIST },
  true: { says: 'What YAML 1.1 makes of a bare `on`.', shape: LIST },
  max_parallel: { says: 'How many items at once; 10 when nothing is said.', shape: orTemplate(whole(1, 1000)) },
  tool: { says: 'The tool of the actions that name none.', shape: TEXT },
  task: { says: 'May stand around the actions and their condition.', shape: MAP },
  ...TURNS,
}
