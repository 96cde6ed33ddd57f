import { openPersistentServer } from '../../engine/restate/server/persistent.ts'
import { TerminalError } from '../../errors.ts'
import { serverIn } from '../../runtime/data-folder/node-record.ts'
import type { FolderOwner } from '../../store/data-folder/owner.ts'
import { type Cli, loadSetup } from '../cli.ts'
import { type DevCluster, openDevCluster } from './dev.ts'

/** One Restate server over the data folder, and this process as its node. */
export async function startOneServer(cli: Cli, data: string): Promise<DevCluster> {
  const persistent = await openPersistentServer(serverIn(data))
  const setup = await loadSetup(cli, data, { own: { admin: [persistent.admin], eager: true } })
  const { promise: ended, reject } = Promise.withResolvers<never>()
  ended.catch(() => {})

  async function open(owner?: FolderOwner) {
    const server = await persistent.start()
    server.process.once('exit', (code, signal) => reject(hasEnded(signal ?? `exit code ${code}`, server.said())))
    return openDevCluster(() => setup.open(owner), server.stop)
  }

  return { setup: { ...setup, open }, ended, title: `One Restate server over ${data}; this process is its node.` }
}

function hasEnded(how: string, said: string): TerminalError {
  return new TerminalError(`The Restate server has ended (${how})${said && `. Its last output: ${said}`}.`, {
    hint: 'Acknowledged work is kept. To continue, start `antiphon cluster dev` again.',
  })
}
