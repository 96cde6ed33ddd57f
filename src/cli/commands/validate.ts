import { Command } from 'commander'
import type { Verdict } from '../../runtime.ts'
import type { Cli } from '../cli.ts'
import { findingText, shortPath } from '../errors.ts'
import { examples, existingFile } from '../options.ts'
import { printJson } from '../print.ts'
import { withScratchRuntime } from '../scratch.ts'
import type { Terminal } from '../terminal.ts'
import { count } from '../words.ts'

/** `validate FILE…`: what the compiler says, and nothing else. */
export function validateCommand(cli: Cli): Command {
  return new Command('validate')
    .description('Check pipelines without running them. Exit code 2 when one is not valid.')
    .argument('<file...>', 'pipelines, YAML files')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', examples('validate report.yaml', 'validate pipelines/*.yaml --json'))
    .action(async (files: string[], options: { readonly json?: boolean }) =>
      cli.exit(await validate(cli, files, options.json ?? false)),
    )
}

async function validate(cli: Cli, given: readonly string[], json: boolean): Promise<number> {
  const files = given.map((file) => existingFile(file, cli.terminal.folder))
  const verdicts = await withScratchRuntime(cli, async (runtime) => {
    const found: Verdict[] = []
    for (const file of files) found.push(await runtime.validate(file))
    return found
  })
  if (json) printJson(cli.terminal, verdicts)
  else for (const verdict of verdicts) printVerdict(cli.terminal, verdict)
  return verdicts.every(({ valid }) => valid) ? 0 : 2
}

function printVerdict(terminal: Terminal, { file, valid, steps = {}, findings }: Verdict): void {
  for (const finding of findings) terminal.out(findingText(finding, terminal.folder))
  const words = valid ? `valid, ${count(Object.keys(steps).length, 'step')}` : 'not valid'
  terminal.out(`${shortPath(file, terminal.folder)}: ${words}`)
}
