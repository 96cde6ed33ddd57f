import { Command } from 'commander'
import { pipelineJsonSchema } from '../../../pipeline/language/schema/json-schema.ts'
import { exampleText } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { printJson } from '../../render/print.ts'

/** `schema`: the JSON Schema of the language, for editors. */
export function schemaCommand(cli: Cli): Command {
  return new Command('schema')
    .description('Print the JSON Schema of pipelines for your editor.')
    .addHelpText('after', exampleText('schema > pipeline.schema.json'))
    .action(() => printJson(cli.terminal, pipelineJsonSchema()))
}
