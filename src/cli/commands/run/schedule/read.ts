import { limitOption } from '../../../arguments/options.ts'
import { listCommand, showCommand } from '../../../client-command.ts'
import { scheduleLines, shownInstant, timingOf, workOf } from './shown.ts'

export const NAME_ARGUMENT = ['<name>', 'the name of the schedule'] as const
export const JSON_OPTION = ['--json', 'print it as JSON'] as const

export const listSchedulesCommand = listCommand({
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

export const showScheduleCommand = showCommand({
  about: 'Show a schedule. Lists its next ten instants and its last decisions.',
  args: [NAME_ARGUMENT],
  options: [JSON_OPTION],
  examples: ['schedule show report'],
  ask: ({ schedules }, name) => schedules.get(name),
  print: (schedule, terminal) => terminal.lines(scheduleLines(schedule)),
})
