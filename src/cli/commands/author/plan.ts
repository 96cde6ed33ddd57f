import { Command, Option } from 'commander'
import type { Plan } from '../../../pipeline/report/plan.ts'
import type { PipelinesPort, ValidateOptions, WhichPipeline } from '../../../runtime/ports/pipelines.ts'
import { pipelineForSession, readInputOptions } from '../../arguments/inputs.ts'
import { DATA_OPTION, exampleText, existingFile, parseInput } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { withReader } from '../../connect/reader.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { withScratchRuntime } from '../../connect/temporary-runtime.ts'
import { printPlan } from '../../render/plan.ts'
import { printJson } from '../../render/print.ts'
import { sayFindings } from '../../render/verdict.ts'

/** Options of a plan, and its output form. */
export type PlanOptions = ConnectionTarget & {
  readonly input?: { readonly [name: string]: string }
  readonly inputs?: string
  readonly strict?: boolean
  readonly json?: boolean
  readonly mermaid?: boolean
}

/** `plan FILE`: shows the effects of a run without starting it. */
export function planCommand(cli: Cli): Command {
  return new Command('plan')
    .description(
      'Show what a run would do, without starting it. For each step: its tool or model, why that one was chosen, and how long earlier runs took.',
    )
    .argument('<file>', 'the pipeline (YAML)')
    .option('-i, --input <key=value>', 'set an input of the pipeline; can be repeated', parseInput)
    .option('--inputs <file>', 'read inputs from a JSON or YAML map; -i overrides them')
    .option('--strict', 'reject a pipeline with unknown keys')
    .addOption(new Option('--mermaid', 'print the graph as a Mermaid flowchart').conflicts('json'))
    .option('--json', 'print the plan as JSON')
    .option(...DATA_OPTION)
    .addHelpText(
      'after',
      exampleText('plan report.yaml', 'plan report.yaml -i topic=tides', 'plan report.yaml --mermaid'),
    )
    .action(async (file: string, options: PlanOptions) => cli.exit(await showPlan(cli, file, options)))
}

/** Prints the findings and the plan of a file. Creates no data folder. */
export async function showPlan(cli: Cli, given: string, options: PlanOptions): Promise<number> {
  const { strict } = options
  const file = existingFile(given, cli.terminal.folder)
  const asked: ValidateOptions = {
    inputs: await readInputOptions(options, cli.terminal.folder),
    ...(strict && { strict }),
  }
  const show = async (planner: Planner, which: WhichPipeline): Promise<number> => {
    const verdict = await planner.validate(which, asked)
    sayFindings(cli.terminal, verdict)
    if (!verdict.valid) return 2
    printPlanAs(cli, await planner.plan(which, asked), options)
    return 0
  }
  const where = { command: `antiphon plan ${given}`, ...targetOf(options), empty: () => NO_DATA_FOLDER }
  const found = await withReader(cli, where, async (session) =>
    show(session.client.pipelines, await pipelineForSession(file, cli.terminal.folder, session)),
  )
  return found === NO_DATA_FOLDER ? withScratchRuntime(cli, (runtime) => show(runtime.pipelines, { file })) : found
}

/** Validates and plans pipelines. */
type Planner = Pick<PipelinesPort, 'validate' | 'plan'>

function printPlanAs({ terminal }: Cli, plan: Plan, { json, mermaid }: PlanOptions): void {
  if (json) printJson(terminal, plan)
  else if (mermaid) terminal.data(plan.mermaid)
  else printPlan(terminal, plan)
}

const NO_DATA_FOLDER = -1
