import { pipelineJsonSchema } from '../../../pipeline/language/schema/json-schema.ts'
import { command } from '../../cli.ts'

export const schemaCommand = command({
  name: 'schema',
  about: 'Print the JSON Schema of pipelines for your editor.',
  examples: ['schema > pipeline.schema.json'],
  run(cli) {
    cli.terminal.json(pipelineJsonSchema())
    return 0
  },
})
