import type { Client } from '../../../../http/client/client.ts'
import type { Cli } from '../../../cli.ts'
import { command } from '../../../command.ts'
import { withRuntime } from '../../../connect/session.ts'
import { type ConnectionTarget, targetOf } from '../../../connect/target.ts'
import { printJson } from '../../../render/print.ts'
import { printStarted, withBackground } from '../background.ts'
import { JSON_OPTION, NAME_ARGUMENT } from './read.ts'

type Options = ConnectionTarget & { readonly json?: boolean }

/** `schedule pause`: starts nothing until it is resumed. */
export const pauseScheduleCommand = command({
  name: 'pause',
  about: 'Start nothing until the schedule is resumed. Open work goes on.',
  args: [NAME_ARGUMENT],
  options: [JSON_OPTION],
  at: 'server',
  run: (cli, name, options) =>
    change(cli, 'pause', options, (schedules) => schedules.pause(name), `${name} is paused.`),
})

/** `schedule resume`: starts again at the next instant. */
export const resumeScheduleCommand = command({
  name: 'resume',
  about: 'Start again at the next instant. Nothing makes up for the pause.',
  args: [NAME_ARGUMENT],
  options: [JSON_OPTION],
  at: 'server',
  run: (cli, name, options) =>
    change(cli, 'resume', options, (schedules) => schedules.resume(name), `${name} is active.`),
})

/** `schedule remove`: removes a schedule. */
export const removeScheduleCommand = command({
  name: 'remove',
  about: 'Remove a schedule. Work that it started goes on.',
  args: [NAME_ARGUMENT],
  options: [JSON_OPTION],
  at: 'server',
  run: (cli, name, options) =>
    change(
      cli,
      'remove',
      options,
      async (schedules) => {
        await schedules.remove(name)
        return { name }
      },
      `${name} is removed.`,
    ),
})

function change(
  cli: Cli,
  action: string,
  { json = false, ...options }: Options,
  act: (schedules: Client['schedules']) => Promise<object>,
  said: string,
): Promise<number> {
  const { terminal } = cli
  const session = { command: `antiphon schedule ${action}`, serve: false, ...targetOf(options) }
  return withRuntime(cli, session, async ({ client }) => {
    const changed = await act(client.schedules)
    if (json) printJson(terminal, changed)
    else terminal.say(said)
    return 0
  })
}

/** `schedule run`: starts the work now, in a process that outlives the command. */
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
