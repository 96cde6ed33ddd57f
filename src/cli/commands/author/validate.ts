import { resolve } from 'node:path'
import { Command } from 'commander'
import type { Verdict } from '../../../runtime/ports/pipelines.ts'
import { exampleText, parseInput } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { withScratchRuntime } from '../../connect/temporary-runtime.ts'
import { printJson } from '../../render/print.ts'
import { printVerdict, verdictDocument } from '../../render/verdict.ts'

type Options = {
  readonly json?: boolean
  readonly strict?: boolean
  readonly input?: { readonly [name: string]: string }
}

/** `validate FILE…`: the verdict of the compiler; nothing runs. */
export function validateCommand(cli: Cli): Command {
  return new Command('validate')
    .description('Check pipelines without running them. Exit code 2 if one is not valid.')
    .argument('<file...>', 'pipelines (YAML)')
    .option('-i, --input <key=value>', 'check with this input; can be repeated', parseInput)
    .option('--strict', 'reject a pipeline with unknown keys')
    .option('--json', 'print the findings as JSON: an object, or a list for several files')
    .addHelpText('after', exampleText('validate report.yaml', 'validate pipelines/*.yaml --strict --json'))
    .action(async (files: string[], options: Options) => cli.exit(await validate(cli, files, options)))
}

async function validate(cli: Cli, given: readonly string[], { json, strict, input }: Options): Promise<number> {
  const files = given.map((file) => resolve(cli.terminal.folder, file))
  const options = { ...(input && { inputs: input }), ...(strict && { strict }) }
  const verdicts = await withScratchRuntime(cli, async (runtime) => {
    const found: Verdict[] = []
    for (const file of files) found.push(await runtime.pipelines.validate(file, options))
    return found
  })
  const documents = verdicts.map((verdict, index) => verdictDocument(given[index]!, verdict))
  if (json) printJson(cli.terminal, documents.length === 1 ? documents[0] : documents)
  else for (const verdict of verdicts) printVerdict(cli.terminal, verdict)
  return verdicts.every(({ valid }) => valid) ? 0 : 2
}
