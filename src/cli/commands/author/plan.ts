import type { Plan } from '../../../pipeline/report/plan.ts'
import type { PipelinesPort, ValidateOptions } from '../../../pipeline/room/port.ts'
import type { WhichPipeline } from '../../../run/room/port.ts'
import { pipelineForSession, readInputOptions } from '../../arguments/inputs.ts'
import { parseInput, pipelineFile } from '../../arguments/options.ts'
import { unstoredFiles, withUploads } from '../../arguments/uploads.ts'
import { type Cli, type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../cli.ts'
import { withReader } from '../../connect/session.ts'
import { withScratchRuntime } from '../../connect/temporary-runtime.ts'
import { printPlan } from '../../render/plan.ts'
import { sayFindings } from '../../render/verdict.ts'

const OPTIONS = [
  ['-i, --input <key=value>', 'set an input of the pipeline; can be repeated', { parse: parseInput }],
  ['--inputs <file>', 'read inputs from a JSON or YAML map; -i overrides them'],
  ['--strict', 'reject a pipeline with unknown keys'],
  ['--mermaid', 'print the graph as a Mermaid flowchart', { conflicts: 'json' }],
  ['--json', 'print the plan as JSON'],
] as const satisfies readonly OptionRecord[]
type PlanOptions = ConnectionTarget & OptionsOf<typeof OPTIONS>

export const planCommand = command({
  name: 'plan',
  about:
    'Show what a run would do, without starting it. For each step: its tool or model, why that one was chosen, and how long earlier runs took.',
  args: [['<file>', 'the pipeline (YAML)']],
  options: OPTIONS,
  at: 'server',
  examples: ['plan report.yaml', 'plan report.yaml -i topic=tides', 'plan report.yaml --mermaid'],
  run: showPlan,
})

/** Prints the findings and the plan of a file. Creates no data folder. */
export async function showPlan(cli: Cli, given: string, options: PlanOptions): Promise<number> {
  const { strict } = options
  const file = pipelineFile(given, cli.terminal.folder)
  const asked: ValidateOptions = {
    inputs: {
      ...(await readInputOptions(options.inputs === undefined ? {} : { inputs: options.inputs }, cli.terminal.folder)),
      ...(await withUploads(unstoredFiles(cli.terminal.say), options.input, cli.terminal.folder)),
    },
    ...(strict && { strict }),
  }
  const show = async (planner: Planner, which: WhichPipeline): Promise<number> => {
    const verdict = await planner.validate(which, asked)
    sayFindings(cli.terminal, verdict.findings)
    if (!verdict.valid) return 2
    printPlanAs(cli, await planner.plan(which, asked), options)
    return 0
  }
  const where = { command: `antiphon plan ${given}`, ...targetOf(options), without: () => NO_DATA_FOLDER }
  const found = await withReader(cli, where, async (session) =>
    show(session.client.pipelines, await pipelineForSession(file, cli.terminal.folder, session)),
  )
  return found === NO_DATA_FOLDER ? withScratchRuntime(cli, (runtime) => show(runtime.pipelines, { file })) : found
}

type Planner = Pick<PipelinesPort, 'validate' | 'plan'>

function printPlanAs({ terminal }: Cli, plan: Plan, { json, mermaid }: PlanOptions): void {
  if (json) terminal.json(plan)
  else if (mermaid) terminal.data(plan.mermaid)
  else printPlan(terminal, plan)
}

const NO_DATA_FOLDER = -1
