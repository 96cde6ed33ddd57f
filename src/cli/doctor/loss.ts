import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { TerminalError } from '../../errors.ts'
import { isNode } from '../../runtime/data-folder/node-record.ts'
import type { RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import { type Cli, configureHere } from '../cli.ts'
import { look } from '../connect/reader.ts'

/** Says that no acknowledged work is known to be missing; a TerminalError says what is. */
export async function describeLoss(cli: Cli, data: string | undefined): Promise<string> {
  const setup = await configureHere(cli, data)
  if (setup.restate || isNode(setup.data)) return 'the Restate server keeps what is acknowledged'
  if (!existsSync(join(setup.data, 'engine.db'))) return 'nothing yet'
  let status: RuntimeStatus | undefined
  await look(cli, { command: 'antiphon doctor', data }, async ({ client }) => {
    status = await client.status()
    return 0
  })
  if (status?.loss) throw new TerminalError(status.loss.message, { code: 'corrupt' })
  return 'no acknowledged work is known to be missing'
}

/** Opens the data folder without what is missing, and says what that is. */
export async function acceptLoss(cli: Cli, data: string | undefined): Promise<void> {
  const setup = await configureHere(cli, data)
  const runtime = await setup.open(undefined, { acceptLoss: true })
  const { loss } = runtime.status()
  await runtime.stop()
  cli.terminal.say(
    loss ? `Going on without what is missing: ${loss.message}` : 'No acknowledged work is known to be missing.',
  )
}
