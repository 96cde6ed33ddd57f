import type { ToolRequest } from '../../../calls/room/port.ts'
import { InvalidError } from '../../../errors.ts'
import type { Priority } from '../../../lib/priority.ts'
import type { CallCondition } from '../../../tool/tool-request.ts'
import type { Cli } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'
import { type ConnectionTarget, targetOf } from '../../connect/target.ts'
import { printStarted, withBackground } from '../run/background.ts'
import { followToEnd } from '../run/follow.ts'

export type CallRunOptions = ConnectionTarget & {
  readonly id?: string
  readonly approve?: boolean
  readonly priority?: Priority
  readonly when?: string
  readonly detach?: boolean
  readonly wait?: boolean
  readonly json?: boolean
}

/** Makes a call as a run: it is recorded, continues after a crash, and may wait for a person. */
export async function callAsRun(cli: Cli, call: ToolRequest, options: CallRunOptions): Promise<number> {
  const { json = false, detach = false, wait = false } = options
  const session = { command: `antiphon tools call ${call.tool} --run`, creates: true, ...targetOf(options) }
  const when = conditionOf(options.when)
  const start = async ({ client }: Session) =>
    (await client.tools.call([when ? { ...call, when } : call], optionsOf(call, options))).id
  if (detach)
    return withBackground(cli, session, async (opened) => printStarted(cli, opened, await start(opened), json))
  return withRuntime(cli, session, async (opened) => followToEnd(cli, opened, await start(opened), { json, wait }))
}

function conditionOf(text: string | undefined): CallCondition | undefined {
  if (text === undefined) return undefined
  const [, environment, version] = /^(.+)@(\d+)$/.exec(text) ?? []
  if (environment === undefined) throw new InvalidError(`Expected --when such as shop@7, got ${text}.`)
  return { environment, version: Number(version) }
}

const optionsOf = ({ tool }: ToolRequest, { id, approve, priority }: CallRunOptions) => ({
  ...(id !== undefined && { id }),
  ...(approve && { approve: [tool] }),
  ...(priority && { priority }),
})
