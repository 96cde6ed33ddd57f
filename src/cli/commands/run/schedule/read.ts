import type { Schedule } from '../../../../schedule/room/port.ts'
import { parseLimit } from '../../../arguments/options.ts'
import { command } from '../../../command.ts'
import { withReader } from '../../../connect/reader.ts'
import { targetOf } from '../../../connect/target.ts'
import { printJson, printLines, showList } from '../../../render/print.ts'
import { printTable } from '../../../render/table.ts'
import type { Terminal } from '../../../terminal/terminal.ts'
import { scheduleLines, shownInstant, timingOf, workOf } from './shown.ts'

export const NAME_ARGUMENT = ['<name>', 'the name of the schedule'] as const
export const JSON_OPTION = ['--json', 'print it as JSON'] as const

/** `schedule list`: all schedules with their next instants. */
export const listSchedulesCommand = command({
  name: 'list',
  about: 'List schedules with their next instants.',
  options: [
    ['--limit <number>', 'maximum number of schedules, up to 1000', { parse: parseLimit, default: 100 }],
    JSON_OPTION,
  ],
  at: 'server',
  examples: ['schedule list', 'schedule list --json'],
  run(cli, { limit, json, ...options }) {
    const { terminal } = cli
    const show = (schedules: readonly Schedule[]) =>
      showList(terminal, schedules, { json, limit, none: NONE, print: () => printSchedules(terminal, schedules) })
    const reader = { command: 'antiphon schedule list', ...targetOf(options), empty: () => show([]) }
    return withReader(cli, reader, async ({ client }) => show(await client.schedules.list({ limit })))
  },
})

const NONE = 'There are no schedules here. To make one: antiphon schedule add NAME PIPELINE --cron "0 8 * * *"'

function printSchedules(terminal: Terminal, schedules: readonly Schedule[]): void {
  const rows = schedules.map((one) => [
    ...[one.name, workOf(one), timingOf(one), one.status],
    one.next[0] === undefined ? '-' : shownInstant(one.next[0], one),
    one.decisions[0]?.type ?? '-',
  ])
  printTable(terminal, ['NAME', 'WORK', 'WHEN', 'STATUS', 'NEXT', 'LAST'], rows)
}

/** `schedule show`: a schedule with its next ten instants and its last decisions. */
export const showScheduleCommand = command({
  name: 'show',
  about: 'Show a schedule. Lists its next ten instants and its last decisions.',
  args: [NAME_ARGUMENT],
  options: [JSON_OPTION],
  at: 'server',
  examples: ['schedule show report'],
  run(cli, name, { json = false, ...options }) {
    return withReader(cli, { command: 'antiphon schedule show', ...targetOf(options) }, async ({ client }) => {
      const schedule = await client.schedules.get(name)
      if (json) printJson(cli.terminal, schedule)
      else printLines(cli.terminal, scheduleLines(schedule))
      return 0
    })
  },
})
