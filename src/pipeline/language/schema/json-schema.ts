import { type KeySchema, schemaProperties } from './key-table.ts'
import { INPUT_TABLE, PIPELINE_TABLE } from './pipeline-keys.ts'
import { STEP_TABLE } from './step-keys.ts'

/** The JSON Schema of the language, for editors: generated from the tables that the reader uses. */
export function pipelineJsonSchema(): KeySchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A pipeline of antiphon',
    type: 'object',
    required: ['name'],
    anyOf: [{ required: ['steps'] }, { required: ['tasks'] }],
    properties: schemaProperties(PIPELINE_TABLE),
    $defs: {
      step: { type: 'object', required: ['id'], properties: schemaProperties(STEP_TABLE), additionalProperties: false },
      input: {
        anyOf: [
          { type: 'object', properties: schemaProperties(INPUT_TABLE) },
          { type: ['string', 'number', 'boolean', 'array', 'null'] },
        ],
      },
    },
  }
}
