import { resolve } from 'node:path'
import type { Verdict } from '../../../pipeline/room/documents.ts'
import type { Runtime } from '../../../runtime/ports.ts'
import { parseInput } from '../../arguments/options.ts'
import { type Cli, command } from '../../cli.ts'
import { withScratchRuntime } from '../../connect/temporary-runtime.ts'
import { printVerdict, verdictDocument } from '../../render/verdict.ts'

export const validateCommand = command({
  name: 'validate',
  about: 'Check pipelines without running them. Exit code 2 if one is not valid.',
  args: [['<file...>', 'pipelines (YAML)']],
  options: [
    ['-i, --input <key=value>', 'check with this input; can be repeated', { parse: parseInput }],
    ['--strict', 'reject a pipeline with unknown keys'],
    ['--json', 'print the findings as JSON: an object, or a list for several files'],
  ],
  examples: ['validate report.yaml', 'validate pipelines/*.yaml --strict --json'],
  async run(cli, given, { json, strict, input }) {
    const files = given.map((file) => resolve(cli.terminal.folder, file))
    const verdicts = await validateFiles(cli, files, { ...(input && { inputs: input }), ...(strict && { strict }) })
    const documents = verdicts.map((verdict, index) => verdictDocument(given[index]!, verdict))
    if (json) cli.terminal.json(documents.length === 1 ? documents[0] : documents)
    else for (const verdict of verdicts) printVerdict(cli.terminal, verdict)
    return verdicts.every(({ valid }) => valid) ? 0 : 2
  },
})

export function validateFiles(
  cli: Cli,
  files: readonly string[],
  options: Parameters<Runtime['pipelines']['validate']>[1] = {},
): Promise<readonly Verdict[]> {
  return withScratchRuntime(cli, async (runtime) => {
    return Array.fromAsync(files, (file) => runtime.pipelines.validate(file, options))
  })
}
