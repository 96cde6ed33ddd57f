import type { Client } from '../../../../http/client/client.ts'
import { command, targetOf } from '../../../cli.ts'
import { showCommand } from '../../../client-command.ts'
import { printStarted, withBackground } from '../background.ts'
import { JSON_OPTION, NAME_ARGUMENT } from './read.ts'

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

export const pauseScheduleCommand = changing(
  'pause',
  'Start nothing until the schedule is resumed. Open work goes on.',
  'paused',
  (schedules, name) => schedules.pause(name),
)

export const resumeScheduleCommand = changing(
  'resume',
  'Start again at the next instant. Nothing makes up for the pause.',
  'active',
  (schedules, name) => schedules.resume(name),
)

export const removeScheduleCommand = changing(
  'remove',
  'Remove a schedule. Work that it started goes on.',
  'removed',
  (schedules, name) => schedules.remove(name).then(() => ({ name })),
)

export const runScheduleCommand = command({
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
