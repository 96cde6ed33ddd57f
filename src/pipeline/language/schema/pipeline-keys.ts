import { INPUT_TYPES } from '../../plan/inputs.ts'
import { ANY, HANDLERS, ID, type KeyTable, list, MAP, NEEDS, oneOf, STEPS, TEXT, YES_NO } from './key-table.ts'

const DECLARATIONS = { anyOf: [{ type: 'object', additionalProperties: { $ref: '#/$defs/input' } }, list(MAP)] }
const NEVER_BUILT = { says: 'Describes something that never existed; has no meaning.', ignored: true } as const

/** What may stand at the top of a pipeline; a map under any other name is a constant of that name. */
export const PIPELINE_TABLE: KeyTable = {
  id: { says: 'Its short name; made of `name` when absent.', shape: ID },
  name: { says: 'What people call it.', shape: { type: 'string', minLength: 1 } },
  description: { says: 'For people; never a template.', shape: TEXT },
  version: { says: 'As in 1.2.3.', shape: { type: ['string', 'number'] } },
  type: { says: 'For people.', shape: TEXT },
  metadata: { says: 'For people and other programs.', shape: ANY },
  inputs: { says: 'What it takes, by name.', shape: DECLARATIONS },
  parameters: { says: 'What it takes, in the older spelling; goes before `inputs`.', shape: DECLARATIONS },
  steps: { says: 'What it does.', shape: STEPS },
  tasks: { says: 'An old name of `steps`.', shape: STEPS },
  outputs: { says: 'What a run hands back: a template by name.', shape: { type: ['object', 'array'] } },
  context: { says: 'Constants, read as `context.x` or `x`.', shape: MAP },
  config: {
    says: 'Constants, read as `config.x`; `default_timeout` holds for every step without its own.',
    shape: MAP,
  },
  data: { says: 'Constants, read as `data.x`.', shape: MAP },
  variables: { says: 'Constants, read as `variables.x`.', shape: MAP },
  model: {
    says: 'The model of every step that names none: a name, a list of names, or what it must be.',
    shape: { anyOf: [TEXT, list(TEXT, 1), NEEDS] },
  },
  strategy: { says: 'Whether steps run side by side as far as they can.', shape: oneOf('parallel', 'sequential') },
  on_failure: { says: '`undo`: when a run fails, what it did is undone.', shape: oneOf('fail', 'undo') },
  global_error_handlers: { says: 'What is done about the failure of any step.', shape: HANDLERS },
  enhanced_outputs: NEVER_BUILT,
  enhanced_inputs: NEVER_BUILT,
  enhanced_steps: NEVER_BUILT,
  advanced_steps: NEVER_BUILT,
  error_handling: NEVER_BUILT,
  monitoring: NEVER_BUILT,
  optimization: NEVER_BUILT,
}

const NUMBER = { type: 'number' }
const VALUES = { type: 'array', minItems: 1 }

/** What may stand in the rules of an input. */
export const RULE_TABLE: KeyTable = {
  min_length: { says: 'The least number of characters or items.', shape: NUMBER },
  max_length: { says: 'The greatest number of characters or items.', shape: NUMBER },
  pattern: { says: 'A regular expression that a text must match.', shape: TEXT },
  min: { says: 'The least number.', shape: NUMBER },
  max: { says: 'The greatest number.', shape: NUMBER },
  allowed_values: { says: 'The same as `choices`.', shape: VALUES },
}

/** What may stand in the declaration of an input. */
export const INPUT_TABLE: KeyTable = {
  name: { says: 'Its name, where inputs are a list.', shape: TEXT },
  type: { says: 'What it must be; text that is given is read as that.', shape: oneOf(...Object.keys(INPUT_TYPES)) },
  description: { says: 'For people.', shape: TEXT },
  required: { says: 'Whether a run must give it; without a default it must.', shape: YES_NO },
  default: { says: 'Its value when none is given.', shape: ANY },
  choices: { says: 'The values it may have.', shape: VALUES },
  enum: { says: 'The same as `choices`.', shape: VALUES },
  range: {
    says: 'The least and the greatest number.',
    shape: { type: 'array', items: NUMBER, minItems: 2, maxItems: 2 },
  },
  validation: {
    says: 'What else must hold.',
    shape: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(RULE_TABLE).map(([key, { shape }]) => [key, shape])),
    },
  },
  example: { says: 'For people.', shape: ANY },
}
