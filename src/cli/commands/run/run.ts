import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { EXECUTION_STRATEGIES, type ExecutionStrategy } from '../../../pipeline/language/parse/pipeline-spec.ts'
import type { RunRequest } from '../../../runtime/ports/runs.ts'
import { pipelineForSession, readInputOptions } from '../../arguments/inputs.ts'
import {
  budgetOption,
  DATA_OPTION,
  eventsOption,
  exampleText,
  existingFile,
  newId,
  parseInput,
} from '../../arguments/options.ts'
import { outputOption } from '../../arguments/output-file.ts'
import type { Cli } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { sayFindings } from '../../render/verdict.ts'
import { showPlan } from '../author/plan.ts'
import { printStarted, withBackground } from './background.ts'
import { followToEnd, outputFormOf } from './follow.ts'
import { missingFileHint } from './missing-file.ts'

type Options = ConnectionTarget & {
  readonly input?: { readonly [name: string]: string }
  readonly json?: boolean
  readonly events?: boolean
  readonly output?: string
  readonly detach?: boolean
  readonly dryRun?: boolean
  readonly strict?: boolean
  readonly strategy?: ExecutionStrategy
  readonly inputs?: string
  readonly reuse?: string | true
  readonly fromStep?: string
  readonly budget?: number
}

/** `run FILE`: starts a pipeline and follows it to its result. */
export function runCommand(cli: Cli): Command {
  return new Command('run')
    .description('Run a pipeline and print its outputs. Progress goes to stderr, outputs go to stdout.')
    .argument('<file>', 'the pipeline (YAML)')
    .option('-i, --input <key=value>', 'set an input of the pipeline; can be repeated', parseInput)
    .option('--inputs <file>', 'read inputs from a JSON or YAML map; -i overrides them')
    .option(
      '--reuse [run]',
      'reuse recorded results of an earlier run (default: the newest of this pipeline) for steps whose inputs are unchanged',
    )
    .addOption(
      new Option(
        '--from-step <step>',
        'start at this step; reuse the results of earlier steps from the newest run',
      ).conflicts('reuse'),
    )
    .option('--json', 'print the run as JSON: outputs, steps and problems')
    .addOption(outputOption())
    .addOption(eventsOption())
    .option('--strict', 'reject a pipeline with unknown keys')
    .addOption(
      new Option('--strategy <strategy>', 'run steps in parallel or one after another').choices(EXECUTION_STRATEGIES),
    )
    .addOption(budgetOption())
    .addOption(
      new Option('--dry-run', 'start nothing; show what the run would do, like `antiphon plan`').conflicts(
        NOT_WITH_DRY_RUN,
      ),
    )
    .option('--detach', 'run in the background and print the id of the run')
    .option(...DATA_OPTION)
    .addHelpText(
      'after',
      exampleText(
        'run report.yaml',
        'run report.yaml -i topic=tides -i pages=3',
        'run long.yaml --detach',
        'run report.yaml --reuse',
      ),
    )
    .action(async (file: string, options: Options) => cli.exit(await run(cli, file, options)))
}

/** Options that make no sense for a plan: it starts no run and reuses no step. */
const NOT_WITH_DRY_RUN = ['output', 'events', 'detach', 'reuse', 'fromStep', 'strategy', 'budget']

async function run(cli: Cli, given: string, options: Options): Promise<number> {
  if (options.dryRun) return showPlan(cli, given, options)
  const { json = false, detach = false } = options
  const file = existingFile(given, cli.terminal.folder)
  const work = { file, request: await requestOf(cli, options) }
  const shape = outputFormOf(cli, options, readBy(options, file, cli.terminal.folder))
  const session = { command: `antiphon run ${given}`, creates: true, ...targetOf(options) }
  if (detach) return withBackground(cli, session, (opened) => submit(cli, opened, work, json))
  return withRuntime(cli, session, async (opened) => {
    const id = await start(cli, opened, work)
    if (id === undefined) return 2
    const code = await followToEnd(cli, opened, id, shape)
    if (code === 1 && !opened.isAway) await tellMissingFile(cli, opened, id, work)
    return code
  })
}

/** The files that a run is made of. */
const readBy = ({ inputs }: Options, file: string, folder: string) =>
  inputs === undefined ? [file] : [file, resolve(folder, inputs)]

/** A file, and the options of its run. */
type Work = { readonly file: string; readonly request: RunRequest }

async function requestOf({ terminal }: Cli, options: Options): Promise<RunRequest> {
  const { reuse, fromStep, strict, strategy, detach, budget } = options
  return {
    inputs: await readInputOptions(options, terminal.folder),
    ...(reuse !== undefined && { reuse }),
    ...(fromStep !== undefined && { from: fromStep }),
    ...(strict && { strict }),
    ...(strategy && { strategy }),
    ...(budget !== undefined && { budget }),
    // a person who follows the run at a terminal can be asked there
    ...(!detach && terminal.read !== undefined && { interactive: true }),
  }
}

async function tellMissingFile({ terminal }: Cli, { client }: Session, id: string, { file, request }: Work) {
  const started = { file, inputs: request.inputs ?? {}, folder: terminal.folder }
  const hint = await missingFileHint(await client.runs.get(id), started)
  if (hint !== undefined) terminal.say(hint)
}

// Reporting all mistakes of a file at once helps more than reporting the first one.
async function start({ terminal }: Cli, session: Session, { file, request }: Work): Promise<string | undefined> {
  const { inputs = {}, strict = false } = request
  const which = await pipelineForSession(file, terminal.folder, session)
  const verdict = await session.client.pipelines.validate(which, { inputs, strict })
  sayFindings(terminal, verdict)
  if (!verdict.valid) return undefined
  // if the connection is lost and the request repeated, the run starts once
  const named = session.isAway && { id: newId('run') }
  return (await session.client.runs.start({ ...which, ...request, ...named })).id
}

async function submit(cli: Cli, session: Session, work: Work, json: boolean): Promise<number> {
  const id = await start(cli, session, work)
  if (id === undefined) return 2
  return printStarted(cli, session, id, json)
}
