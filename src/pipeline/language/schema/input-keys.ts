import { INPUT_TYPES } from '../../plan/inputs.ts'
import { ANY, type KeyTable, oneOf, TEXT, YES_NO } from './key-table.ts'

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
