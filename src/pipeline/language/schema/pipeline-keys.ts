import { INPUT_TYPES } from '../../plan/inputs.ts'
import {
  ANY_SCHEMA,
  BOOLEAN_SCHEMA,
  HANDLERS_SCHEMA,
  ID_SCHEMA,
  type KeyTable,
  list,
  MAP_SCHEMA,
  MODEL_NEEDS_SCHEMA,
  oneOf,
  STEPS_SCHEMA,
  TEXT_SCHEMA,
} from './key-table.ts'

const DECLARATIONS_SCHEMA = {
  anyOf: [{ type: 'object', additionalProperties: { $ref: '#/$defs/input' } }, list(MAP_SCHEMA)],
}
const NEVER_BUILT = { says: 'Describes something that never existed; has no meaning.', ignored: true } as const

/** The top-level keys of a pipeline. A map under any other key is a constant of that name. */
export const PIPELINE_TABLE: KeyTable = {
  id: { says: 'Its short name; made of `name` when absent.', shape: ID_SCHEMA },
  name: { says: 'What people call it.', shape: { type: 'string', minLength: 1 } },
  description: { says: 'For people; never a template.', shape: TEXT_SCHEMA },
  version: { says: 'As in 1.2.3.', shape: { type: ['string', 'number'] } },
  type: { says: 'For people.', shape: TEXT_SCHEMA },
  metadata: { says: 'For people and other programs.', shape: ANY_SCHEMA },
  inputs: { says: 'What it takes, by name.', shape: DECLARATIONS_SCHEMA },
  parameters: { says: 'What it takes, in the older spelling; goes before `inputs`.', shape: DECLARATIONS_SCHEMA },
  steps: { says: 'What it does.', shape: STEPS_SCHEMA },
  tasks: { says: 'An old name of `steps`.', shape: STEPS_SCHEMA },
  outputs: { says: 'What a run hands back: a template by name.', shape: { type: ['object', 'array'] } },
  context: { says: 'Constants, read as `context.x` or `x`.', shape: MAP_SCHEMA },
  config: {
    says: 'Constants, read as `config.x`; `default_timeout` holds for every step without its own.',
    shape: MAP_SCHEMA,
  },
  data: { says: 'Constants, read as `data.x`.', shape: MAP_SCHEMA },
  variables: { says: 'Constants, read as `variables.x`.', shape: MAP_SCHEMA },
  model: {
    says: 'The model of every step that names none: a name, a list of names, or what it must be.',
    shape: { anyOf: [TEXT_SCHEMA, list(TEXT_SCHEMA, 1), MODEL_NEEDS_SCHEMA] },
  },
  strategy: { says: 'Whether steps run side by side as far as they can.', shape: oneOf('parallel', 'sequential') },
  on_failure: { says: '`undo`: when a run fails, what it did is undone.', shape: oneOf('fail', 'undo') },
  global_error_handlers: { says: 'What is done about the failure of any step.', shape: HANDLERS_SCHEMA },
  enhanced_outputs: NEVER_BUILT,
  enhanced_inputs: NEVER_BUILT,
  enhanced_steps: NEVER_BUILT,
  advanced_steps: NEVER_BUILT,
  error_handling: NEVER_BUILT,
  monitoring: NEVER_BUILT,
  optimization: NEVER_BUILT,
}

const BOUND_SCHEMA = { type: 'number' }
const VALUES_SCHEMA = { type: 'array', minItems: 1 }

/** The keys of the rules of an input. */
export const RULE_TABLE: KeyTable = {
  min_length: { says: 'The least number of characters or items.', shape: BOUND_SCHEMA },
  max_length: { says: 'The greatest number of characters or items.', shape: BOUND_SCHEMA },
  pattern: { says: 'A regular expression that a text must match.', shape: TEXT_SCHEMA },
  min: { says: 'The least number.', shape: BOUND_SCHEMA },
  max: { says: 'The greatest number.', shape: BOUND_SCHEMA },
  allowed_values: { says: 'The same as `choices`.', shape: VALUES_SCHEMA },
}

/** The keys of the declaration of an input. */
export const INPUT_TABLE: KeyTable = {
  name: { says: 'Its name, where inputs are a list.', shape: TEXT_SCHEMA },
  type: { says: 'What it must be; text that is given is read as that.', shape: oneOf(...Object.keys(INPUT_TYPES)) },
  description: { says: 'For people.', shape: TEXT_SCHEMA },
  required: { says: 'Whether a run must give it; without a default it must.', shape: BOOLEAN_SCHEMA },
  default: { says: 'Its value when none is given.', shape: ANY_SCHEMA },
  choices: { says: 'The values it may have.', shape: VALUES_SCHEMA },
  enum: { says: 'The same as `choices`.', shape: VALUES_SCHEMA },
  range: {
    says: 'The least and the greatest number.',
    shape: { type: 'array', items: BOUND_SCHEMA, minItems: 2, maxItems: 2 },
  },
  validation: {
    says: 'What else must hold.',
    shape: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(RULE_TABLE).map(([key, { shape }]) => [key, shape])),
    },
  },
  example: { says: 'For people.', shape: ANY_SCHEMA },
}
