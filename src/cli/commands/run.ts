import { Command, Option } from 'commander'
import { STRATEGIES } from '../../pipeline/spec/strategy.ts'
import type { Strategy } from '../../pipeline/spec.ts'
import type { RunRequest } from '../../runtime.ts'
import { withBackground } from '../background.ts'
import type { Cli } from '../cli.ts'
import { sayFindings } from '../findings.ts'
import { followToEnd } from '../follow.ts'
import { collectInput, DATA_OPTION, examples, existingFile } from '../options.ts'
import { printJson } from '../print.ts'
import { type Session, withRuntime } from '../session.ts'

type Options = {
  readonly input?: { readonly [name: string]: string }
  readonly json?: boolean
  readonly detach?: boolean
  readonly strict?: boolean
  readonly strategy?: Strategy
  readonly data?: string
}

/** `run FILE`: starts a pipeline and follows it to its result. */
export function runCommand(cli: Cli): Command {
  return new Command('run')
    .description('Run a pipeline and print its outputs. Progress goes to stderr, the result to stdout.')
    .argument('<file>', 'the pipeline, a YAML file')
    .option('-i, --input <key=value>', 'an input of the pipeline; may be given several times', collectInput)
    .option('--json', 'print the run as JSON: outputs, every step, every problem')
    .option('--strict', 'take no pipeline that has a key nobody knows')
    .addOption(new Option('--strategy <strategy>', 'whether its steps run side by side').choices(STRATEGIES))
    .option('--detach', 'run in the background and print the id of the run')
    .option(...DATA_OPTION)
    .addHelpText(
      'after',
      examples('run report.yaml', 'run report.yaml -i topic=tides -i pages=3', 'run long.yaml --detach'),
    )
    .action(async (file: string, options: Options) => cli.exit(await run(cli, file, options)))
}

async function run(
  cli: Cli,
  given: string,
  { input = {}, json = false, detach = false, strict = false, strategy, data }: Options,
): Promise<number> {
  const file = existingFile(given, cli.terminal.folder)
  // whoever follows the run at a terminal can be asked there
  const interactive = !detach && cli.terminal.read !== undefined && { interactive: true }
  const request = { file, inputs: input, ...(strict && { strict }), ...(strategy && { strategy }), ...interactive }
  const options = { command: `antiphon run ${given}`, data }
  if (detach) return withBackground(cli, options, (session) => submit(cli, session, request, json))
  return withRuntime(cli, options, async (session) => {
    const id = await start(cli, session, request)
    return id === undefined ? 2 : followToEnd(cli, session, id, json)
  })
}

// All mistakes of a file at once are worth more than the first.
async function start({ terminal }: Cli, { client }: Session, request: RunRequest): Promise<string | undefined> {
  const { file, inputs = {}, strict = false } = request
  const verdict = await client.validate(file, { inputs, strict })
  sayFindings(terminal, verdict)
  return verdict.valid ? (await client.startRun(request)).id : undefined
}

async function submit(cli: Cli, session: Session, request: RunRequest, json: boolean): Promise<number> {
  const id = await start(cli, session, request)
  if (id === undefined) return 2
  if (json) printJson(cli.terminal, { id })
  else cli.terminal.out(id)
  cli.terminal.say(`It runs in process ${session.pid}. To follow it:\n  ${session.command('resume', id)}`)
  return 0
}
