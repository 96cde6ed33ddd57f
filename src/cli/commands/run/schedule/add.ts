import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidError, is } from '../../../../errors.ts'
import { present } from '../../../../lib/json/present.ts'
import { MISSED, OVERLAPS } from '../../../../schedule/definition.ts'
import type { ScheduleRequest } from '../../../../schedule/room/port.ts'
import { readInputOptions } from '../../../arguments/inputs.ts'
import { budgetOption, parseInput, pipelineFile } from '../../../arguments/options.ts'
import { type Cli, type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../../cli.ts'
import { type Session, withRuntime } from '../../../connect/session.ts'
import { workflowRequest } from '../run-workflow.ts'
import { scheduleLines } from './shown.ts'

const OPTIONS = [
  ['--cron <expression>', 'when: minute, hour, day, month, weekday'],
  ['--every <time>', 'how often, such as 90s, 30m or 1d', { conflicts: 'cron' }],
  ['--zone <name>', 'IANA time zone of --cron (default: UTC)', { conflicts: 'every' }],
  ['--workflow <name>', 'run this workflow of the program, instead of a pipeline'],
  ['--agent <name>', 'give a goal to this agent, instead of running a pipeline'],
  ['--goal <text>', 'the goal of --agent'],
  ['-i, --input <key=value>', 'set an input of the pipeline or workflow; can be repeated', { parse: parseInput }],
  ['--inputs <file>', 'read inputs from a JSON or YAML map; -i overrides them'],
  budgetOption(),
  ['--overlap <rule>', 'while the work before is open', { choices: OVERLAPS, default: 'skip' }],
  ['--missed <rule>', 'instants that passed while nothing could start', { choices: MISSED, default: 'last' }],
  ['--replace', 'replace the schedule of that name'],
  ['--json', 'print the schedule as JSON'],
] as const satisfies readonly OptionRecord[]
type Options = ConnectionTarget & OptionsOf<typeof OPTIONS>

export const addScheduleCommand = command({
  name: 'add',
  about: 'Make a schedule. Prints its next ten instants. A process that serves starts the work.',
  args: [
    ['<name>', 'letters, digits, _ and -'],
    ['[pipeline]', 'the file of the pipeline, or the name of an uploaded one'],
  ],
  options: OPTIONS,
  at: 'server',
  examples: [
    'schedule add report report.yaml --cron "0 8 * * 1-5" --zone Europe/Berlin -i topic=tides',
    'schedule add mail --agent clerk --goal "Sort the new letters." --every 30m --overlap queue',
  ],
  run(cli, name, pipeline, options) {
    // a workflow is code of the program, which a command that only reads does not load
    const serve = options.workflow !== undefined
    const session = { command: `antiphon schedule add ${name}`, creates: true, serve, ...targetOf(options) }
    return withRuntime(cli, session, async (opened) => {
      const { client, isAway } = opened
      if (!options.replace) await checkNew(opened, name)
      const request = await requestOf(cli, opened, pipeline, options)
      const schedule = await client.schedules.put(name, request)
      if (options.json) cli.terminal.json(schedule)
      else cli.terminal.lines(scheduleLines(schedule))
      if (!isAway) cli.terminal.say('It starts its work while a process serves this folder: antiphon serve')
      return 0
    })
  },
})

async function checkNew({ client }: Session, name: string): Promise<void> {
  try {
    await client.schedules.get(name)
  } catch (error) {
    if (is(error) && error.code === 'not_found') return
    throw error
  }
  throw new InvalidError(`There is a schedule ${name} already.`, { hint: 'Name it otherwise, or add --replace.' })
}

async function requestOf(
  { terminal }: Cli,
  { client, isAway }: Session,
  pipeline: string | undefined,
  { cron, every, zone, workflow, agent, goal, budget, overlap, missed, input, inputs }: Options,
): Promise<ScheduleRequest> {
  const given = await readInputOptions(present({ input, inputs }), terminal.folder)
  const ofWorkflow = workflow && (await workflowRequest(client, workflow, { inputs: given }, terminal.folder))
  return {
    ...present({ cron, every, zone, agent, goal, budget }),
    overlap,
    missed,
    ...(pipeline !== undefined && whichOf(pipeline, terminal.folder, isAway)),
    ...(ofWorkflow ? { workflow, input: ofWorkflow.input ?? {} } : Object.keys(given).length > 0 && { inputs: given }),
  }
}

/** A path of this machine, or the name of an uploaded pipeline. */
function whichOf(pipeline: string, folder: string, isAway: boolean): Pick<ScheduleRequest, 'file' | 'pipeline'> {
  const isPath = /[/\\.]/.test(pipeline) || existsSync(resolve(folder, pipeline))
  if (!isPath) return { pipeline }
  if (!isAway) return { file: pipelineFile(pipeline, folder) }
  throw new InvalidError(`The server does not see ${pipeline}.`, {
    hint: 'Upload it (PUT /v1/pipelines/NAME), and give its name.',
  })
}
