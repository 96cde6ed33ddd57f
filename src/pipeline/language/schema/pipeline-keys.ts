import { INPUT_TYPES } from '../../plan/inputs.ts'
import {
  ANY_SCHEMA,
  HANDLERS_SCHEMA,
  ID_SCHEMA,
  type KeyTable,
  list,
  MODEL_NEEDS_SCHEMA,
  oneOf,
  STEPS_SCHEMA,
  TEXT_SCHEMA,
} from './key-table.ts'
import { FLAG, MAP, PRIORITY, wordAmong } from './value-kinds.ts'

const DECLARATIONS_SCHEMA = {
  anyOf: [{ type: 'object', additionalProperties: { $ref: '#/$defs/input' } }, list(MAP.shape)],
}
const UNDO = {
  ...wordAmong(['fail', 'undo']),
  wants: '`fail` or `undo` for a pipeline',
  hint: () => 'Set other policies on the steps.',
}
const NEVER_BUILT = { says: 'Accepted for compatibility; has no effect.', ignored: true } as const

/** The top-level keys of a pipeline. A map under any other key is a constant of that name. */
export const PIPELINE_TABLE = {
  id: { says: 'Short name; derived from `name` if absent.', shape: ID_SCHEMA },
  name: { says: 'Name for people.', shape: { type: 'string', minLength: 1 } },
  description: { says: 'For people; not a template.', shape: TEXT_SCHEMA },
  version: { says: 'As in 1.2.3.', shape: { type: ['string', 'number'] } },
  type: { says: 'For people.', shape: TEXT_SCHEMA },
  metadata: { says: 'For people and other programs.', shape: ANY_SCHEMA },
  inputs: { says: 'Inputs by name.', shape: DECLARATIONS_SCHEMA },
  parameters: { says: 'Old spelling of `inputs`; takes precedence.', shape: DECLARATIONS_SCHEMA },
  steps: { says: 'The steps.', shape: STEPS_SCHEMA },
  tasks: { says: 'An old name of `steps`.', shape: STEPS_SCHEMA },
  outputs: { says: 'Outputs of a run: templates by name.', shape: { type: ['object', 'array'] } },
  context: { says: 'Constants, read as `context.x` or `x`.', shape: MAP.shape },
  config: {
    says: 'Constants, read as `config.x`; `default_timeout` applies to steps without their own timeout.',
    shape: MAP.shape,
  },
  data: { says: 'Constants, read as `data.x`.', shape: MAP.shape },
  variables: { says: 'Constants, read as `variables.x`.', shape: MAP.shape },
  model: {
    says: 'Default model of the steps: a name, a list of names, or requirements.',
    shape: { anyOf: [TEXT_SCHEMA, list(TEXT_SCHEMA, 1), MODEL_NEEDS_SCHEMA] },
  },
  priority: {
    says: 'How urgent the work of its runs is. The caller of a run or a step may say otherwise.',
    ...PRIORITY,
  },
  strategy: { says: 'How steps run: `parallel`, `sequential`, or by a strategy of the program.', shape: TEXT_SCHEMA },
  on_failure: { says: '`undo`: if a run fails, its completed steps are undone.', ...UNDO },
  global_error_handlers: { says: 'Handlers for the failure of any step.', shape: HANDLERS_SCHEMA },
  enhanced_outputs: NEVER_BUILT,
  enhanced_inputs: NEVER_BUILT,
  enhanced_steps: NEVER_BUILT,
  advanced_steps: NEVER_BUILT,
  error_handling: NEVER_BUILT,
  monitoring: NEVER_BUILT,
  optimization: NEVER_BUILT,
} satisfies KeyTable

const BOUND_SCHEMA = { type: 'number' }
const VALUES_SCHEMA = { type: 'array', minItems: 1 }

export const RULE_TABLE: KeyTable = {
  min_length: { says: 'Minimum number of characters or items.', shape: BOUND_SCHEMA },
  max_length: { says: 'Maximum number of characters or items.', shape: BOUND_SCHEMA },
  pattern: { says: 'A regular expression that a text must match.', shape: TEXT_SCHEMA },
  min: { says: 'Minimum.', shape: BOUND_SCHEMA },
  max: { says: 'Maximum.', shape: BOUND_SCHEMA },
  allowed_values: { says: 'The same as `choices`.', shape: VALUES_SCHEMA },
}

export const INPUT_TABLE: KeyTable = {
  name: { says: 'Name, if inputs are a list.', shape: TEXT_SCHEMA },
  type: { says: 'Type; a given text is converted to it.', shape: oneOf(...Object.keys(INPUT_TYPES)) },
  description: { says: 'For people.', shape: TEXT_SCHEMA },
  required: { says: 'Whether a run must pass it; true by default if there is no default.', shape: FLAG.shape },
  default: { says: 'Default value.', shape: ANY_SCHEMA },
  choices: { says: 'Allowed values.', shape: VALUES_SCHEMA },
  enum: { says: 'The same as `choices`.', shape: VALUES_SCHEMA },
  range: { says: 'Minimum and maximum.', shape: { type: 'array', items: BOUND_SCHEMA, minItems: 2, maxItems: 2 } },
  validation: {
    says: 'Further rules.',
    shape: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(RULE_TABLE).map(([key, { shape }]) => [key, shape])),
    },
  },
  example: { says: 'For people.', shape: ANY_SCHEMA },
}
