import type { Client } from '../../../http/client/client.ts'
import { command, targetOf } from '../../cli.ts'
import { limitOption, listCommand, showCommand } from '../../client-command.ts'
import { printStarted, withBackground } from './background.ts'
import { addScheduleCommand } from './schedule/add.ts'
import { scheduleLines, shownInstant, timingOf, workOf } from './schedule/shown.ts'

const NAME_ARGUMENT = ['<name>', 'the name of the schedule'] as const
const JSON_OPTION = ['--json', 'print it as JSON'] as const

const listSchedulesCommand = listCommand({
  about: 'List schedules with their next instants.',
  options: [limitOption('schedules', 100), JSON_OPTION],
  examples: ['schedule list', 'schedule list --json'],
  ask: ({ schedules }, query) => schedules.list(query),
  none: 'There are no schedules here. To make one: antiphon schedule add NAME PIPELINE --cron "0 8 * * *"',
  head: ['NAME', 'WORK', 'WHEN', 'STATUS', 'NEXT', 'LAST'],
  row: (one) => [
    ...[one.name, workOf(one), timingOf(one), one.status],
    one.next[0] === undefined ? '-' : shownInstant(one.next[0], one),
    one.decisions[0]?.type ?? '-',
  ],
})

const showScheduleCommand = showCommand({
  about: 'Show a schedule. Lists its next ten instants and its last decisions.',
  args: [NAME_ARGUMENT],
  options: [JSON_OPTION],
  examples: ['schedule show report'],
  ask: ({ schedules }, name) => schedules.get(name),
  print: (schedule, terminal) => terminal.lines(scheduleLines(schedule)),
})

const changing = (
  name: 'pause' | 'resume' | 'remove',
  about: string,
  becomes: string,
  act: (schedules: Client['schedules'], schedule: string) => Promise<object>,
) =>
  showCommand({
    name,
    about,
    args: [NAME_ARGUMENT],
    options: [JSON_OPTION],
    opens: { serve: false },
    ask: ({ schedules }, schedule) => act(schedules, schedule),
    print: (_, terminal, schedule) => terminal.say(`${schedule} is ${becomes}.`),
  })

const pauseScheduleCommand = changing(
  'pause',
  'Start nothing until the schedule is resumed. Open work goes on.',
  'paused',
  (schedules, name) => schedules.pause(name),
)

const resumeScheduleCommand = changing(
  'resume',
  'Start again at the next instant. Nothing makes up for the pause.',
  'active',
  (schedules, name) => schedules.resume(name),
)

const removeScheduleCommand = changing(
  'remove',
  'Remove a schedule. Work that it started goes on.',
  'removed',
  (schedules, name) => schedules.remove(name).then(() => ({ name })),
)

const runScheduleCommand = command({
  name: 'run',
  about: 'Start the work of a schedule now. Prints its id, and does not look at open work.',
  args: [NAME_ARGUMENT],
  options: [JSON_OPTION],
  at: 'server',
  run(cli, name, { json = false, ...options }) {
    const session = { command: 'antiphon schedule run', ...targetOf(options) }
    return withBackground(cli, session, async (opened) => {
      const { id } = await opened.client.schedules.run(name)
      return printStarted(cli, opened, id, json)
    })
  },
})

export const scheduleCommand = command({
  name: 'schedule',
  about: 'Start pipelines and agents by the clock. Cron expressions have a time zone.',
  commands: [
    addScheduleCommand,
    listSchedulesCommand,
    showScheduleCommand,
    pauseScheduleCommand,
    resumeScheduleCommand,
    runScheduleCommand,
    removeScheduleCommand,
  ],
  examples: [
    'schedule add report report.yaml --cron "0 8 * * 1-5" --zone Europe/Berlin',
    'schedule list',
    'schedule pause report',
  ],
})
