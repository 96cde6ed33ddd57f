import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { findProjectFolder } from '../../../config/config.ts'
import { is } from '../../../errors.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { present } from '../../../lib/json/present.ts'
import type { RunDocument } from '../../../run/document.ts'
import type { RunRequest } from '../../../run/room/port.ts'
import { EXECUTION_STRATEGIES } from '../../../run/run.ts'
import { missingPath } from '../../../tool/builtin/filesystem/missing-file.ts'
import { readBoundedYaml } from '../../../yaml/read.ts'
import { parseRunId } from '../../arguments/ids.ts'
import { pipelineForSession, readInputOptions } from '../../arguments/inputs.ts'
import {
  budgetOption,
  EVENTS_OPTION,
  newId,
  parseInput,
  pipelineFile,
  priorityOption,
  WAIT_OPTION,
} from '../../arguments/options.ts'
import { withUploads } from '../../arguments/uploads.ts'
import { WHEN_NAMES, WHEN_OPTIONS, whenOf } from '../../arguments/when.ts'
import { type Cli, type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { sayFindings } from '../../render/verdict.ts'
import { localTime, oneLine } from '../../terminal/format.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { showPlan } from '../author/plan.ts'
import { printStarted, withBackground } from './background.ts'
import { followToEnd, OUTPUT_OPTION, outputFormOf } from './follow.ts'
import { mayBeWorkflow, workflowRequest } from './run-workflow.ts'

/** Options that make no sense for a plan: it starts no run and reuses no step. */
const NOT_WITH_DRY_RUN = [
  'output',
  'events',
  'detach',
  'reuse',
  'fromStep',
  'strategy',
  'budget',
  'priority',
  'id',
  'wait',
  ...WHEN_NAMES,
]

const OPTIONS = [
  [
    '-i, --input <key=value>',
    'set an input of the pipeline; can be repeated. @PATH adds the file and gives its reference',
    { parse: parseInput },
  ],
  ['--inputs <file>', 'read inputs from a JSON or YAML map; -i overrides them'],
  [
    '--reuse [run]',
    'reuse recorded results of an earlier run (default: the newest of this pipeline) for steps whose inputs are unchanged',
  ],
  [
    '--from-step <step>',
    'start at this step; reuse the results of earlier steps from the newest run',
    { conflicts: 'reuse' },
  ],
  ['--json', 'print the run as JSON: outputs, steps and problems'],
  OUTPUT_OPTION,
  EVENTS_OPTION,
  WAIT_OPTION,
  ['--strict', 'reject a pipeline with unknown keys'],
  ['--strategy <name>', 'the order, or a strategy of the program', { choices: EXECUTION_STRATEGIES, parse: String }],
  budgetOption(),
  priorityOption('as the pipeline says'),
  ['--dry-run', 'start nothing; show what the run would do, like `antiphon plan`', { conflicts: NOT_WITH_DRY_RUN }],
  ['--id <id>', 'id of the run; running again with the same id does not start a second run', { parse: parseRunId }],
  ...WHEN_OPTIONS,
  ['--detach', 'run in the background and print the id of the run'],
] as const satisfies readonly OptionRecord[]
type Options = ConnectionTarget & OptionsOf<typeof OPTIONS>

export const runCommand = command({
  name: 'run',
  about: 'Run a workflow or a pipeline and print its outputs. Progress goes to stderr, outputs go to stdout.',
  args: [['<file>', 'the pipeline (YAML), or the name of a workflow of the program that is running']],
  options: OPTIONS,
  at: 'server',
  examples: [
    'run report.yaml',
    'run report.yaml -i topic=tides -i pages=3',
    'run claim.yaml -i photo=@damage.jpg',
    'run long.yaml --detach',
    'run mail.yaml --delay 5m --detach',
    'run order.yaml -i id=7 --queue customer-7',
    'run report.yaml --reuse',
  ],
  async run(cli, given, options) {
    if (options.dryRun) return showPlan(cli, given, options)
    const { json = false, detach = false } = options
    if (mayBeWorkflow(given, cli.terminal.folder)) return runWorkflow(cli, given, options)
    const file = pipelineFile(given, cli.terminal.folder)
    const work = { file, request: await requestOf(cli, options), input: options.input }
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
  },
})

/** Runs a workflow of the program that works on the folder. */
async function runWorkflow(cli: Cli, name: string, options: Options): Promise<number> {
  const { json = false, detach = false } = options
  const request = await requestOf(cli, options)
  const shape = outputFormOf(cli, options, [])
  const session = { command: `antiphon run ${name}`, creates: true, ...targetOf(options) }
  const begin = async ({ client, isAway }: Session) => {
    const named = isAway && request.id === undefined && { id: newId('run') }
    return (
      await client.runs.start({ ...(await workflowRequest(client, name, request, cli.terminal.folder)), ...named })
    ).id
  }
  if (detach)
    return withBackground(cli, session, async (opened) => printStarted(cli, opened, await begin(opened), json))
  return withRuntime(cli, session, async (opened) => followToEnd(cli, opened, await begin(opened), shape))
}

/** The files that a run is made of. */
const readBy = ({ inputs }: Options, file: string, folder: string) =>
  inputs === undefined ? [file] : [file, resolve(folder, inputs)]

/** A file, and the options of its run. `input`: those of `-i`, where `@PATH` is a file to add. */
type Work = { readonly file: string; readonly request: RunRequest; readonly input: Options['input'] }

async function requestOf({ terminal }: Cli, options: Options): Promise<RunRequest> {
  const { reuse, fromStep, strict, strategy, detach, budget, priority, id } = options
  return {
    inputs: await readInputOptions(options, terminal.folder),
    ...present({ reuse, from: fromStep }),
    ...(strict && { strict }),
    ...present({ strategy, budget, priority, id }),
    ...whenOf(options),
    // a person who follows the run at a terminal can be asked there
    ...(!detach && terminal.read !== undefined && { interactive: true }),
  }
}

async function tellMissingFile({ terminal }: Cli, { client }: Session, id: string, { file, request }: Work) {
  const started = { file, inputs: request.inputs ?? {}, folder: terminal.folder }
  const hint = await missingFileHint(await client.runs.get(id), started)
  if (hint !== undefined) terminal.say(hint)
}

async function start({ terminal }: Cli, { client, isAway }: Session, work: Work): Promise<string | undefined> {
  const { request } = work
  const which = await pipelineForSession(work.file, terminal.folder, { isAway })
  const isValid = async () => {
    const { inputs = {}, strict = false } = request
    const { valid, findings } = await client.pipelines.validate(which, { inputs, strict })
    sayFindings(terminal, findings)
    return valid
  }
  const found = request.id === undefined ? undefined : await findRun(client, request.id)
  // starting a run that exists does not compile its pipeline
  if (found && !(await isValid())) return undefined
  // if the connection is lost and the request repeated, the run starts once
  const named = isAway && request.id === undefined && { id: newId('run') }
  const inputs = { ...request.inputs, ...(await withUploads(client, work.input, terminal.folder)) }
  try {
    const { id, warnings = [], joined } = await client.runs.start({ ...which, ...request, inputs, ...named })
    sayFindings(terminal, warnings)
    if (found) sayExisting(terminal, found)
    if (joined) terminal.say(`The key is busy: this command shows its open run ${id}, and starts no new run.`)
    return id
  } catch (error) {
    // reporting all mistakes of a file at once helps more than the first one, which the error has
    if (!found && is(error, 'InvalidError') && !(await isValid())) return undefined
    throw error
  }
}

async function findRun({ runs }: Session['client'], id: string): Promise<RunDocument | undefined> {
  try {
    return await runs.get(id)
  } catch (error) {
    if (is(error) && error.code === 'not_found') return undefined
    throw error
  }
}

/** The same id is the same run. */
function sayExisting(terminal: Terminal, { execution_id: id, name, started_at: at }: RunDocument): void {
  terminal.say(`Run ${id} already exists: ${oneLine(name, 100)}, started ${localTime(Date.parse(at))}.`)
  terminal.say('This command shows it and starts no new run.')
}

async function submit(cli: Cli, session: Session, work: Work, json: boolean): Promise<number> {
  const id = await start(cli, session, work)
  if (id === undefined) return 2
  return printStarted(cli, session, id, json)
}

type Started = { readonly file: string; readonly inputs: { readonly [name: string]: Json }; readonly folder: string }

/** Where a step looked for a file that does not exist, and the input that named it; undefined if no input did. */
async function missingFileHint(run: RunDocument, { file, inputs, folder }: Started): Promise<string | undefined> {
  const missing = Object.values(run.steps).flatMap((step) => missingPath(step) ?? [])
  if (missing.length === 0) return undefined
  const values = { ...defaultsIn(await readFile(file, 'utf8').catch(() => ''), file), ...inputs }
  const [name, path] = Object.entries(values).find(([, value]) => missing.some((one) => one === value)) ?? []
  if (name === undefined) return undefined
  return `Looked for ${String(path)} in ${await findProjectFolder(folder)}. Set another: -i ${name}=PATH`
}

function defaultsIn(text: string, file: string): { readonly [name: string]: Json } {
  const read = readBoundedYaml(text, file)
  const declared = 'value' in read && isJsonObject(read.value) ? read.value.inputs : undefined
  if (!isJsonObject(declared)) return {}
  const entries = Object.entries(declared).map(([name, input]) => [name, isJsonObject(input) ? input.default : input])
  return present(Object.fromEntries(entries))
}
