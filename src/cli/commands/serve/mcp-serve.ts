import type { Client } from '../../../http/client/client.ts'
import { type Cli, command, loadSetup } from '../../cli.ts'
import { withRuntime } from '../../connect/session.ts'
import { ownStdout } from '../../terminal/stdout.ts'

export const mcpServeCommand = command({
  name: 'serve',
  about:
    'Serve an MCP client over stdin and stdout. It gets pipelines, the tools under mcp: serve: in antiphon.yaml, questions and artifacts. It ends with stdin.',
  at: 'folder',
  examples: ['mcp serve', 'mcp serve --data /var/lib/antiphon'],
  run: (cli, { data }) => serve(cli, data),
})

/** Serves as the user of the data folder, until the client closes stdin. */
async function serve(cli: Cli, data: string | undefined): Promise<number> {
  const [{ exactLines, loadServerSdk, loadStdioSdk }, { mcpServerFactory }, { LOCAL }, { mcp }] = await Promise.all([
    import('../../../http/mcp/sdk.ts'),
    import('../../../http/mcp/server.ts'),
    import('../../../http/authorize/caller.ts'),
    loadSetup(cli, data),
  ])
  const [sdk, stdio] = await Promise.all([loadServerSdk(), loadStdioSdk()])
  const { owner, scopes } = LOCAL
  const seat = createSeat()
  const stdin = new Promise<void>((resolve) => process.stdin.once('end', resolve).once('close', resolve))
  const transport = new stdio.StdioServerTransport(exactLines(process.stdin), ownStdout())
  const caller = () => ({ client: seat.client, owner, scopes })
  const handle = stdio.serveStdio(mcpServerFactory(sdk, mcp, caller), { transport })
  const options = { command: 'antiphon mcp serve', creates: true, ...(data !== undefined && { data }) }
  let code: number
  do
    code = await withRuntime(cli, options, async ({ client, signal }) => {
      await Promise.race([stdin, seat.take(client), untilAborted(signal)])
      return 0
    })
  while (code === 0 && !process.stdin.readableEnded && !process.stdin.destroyed)
  await handle.close()
  return code
}

/** The client of the folder's owner. Another process may own the folder, and end before this one. */
function createSeat() {
  let next = Promise.withResolvers<Client>()
  let leave = () => {}
  return {
    /** Resolves when the owner is gone. */
    take(client: Client): Promise<void> {
      next.resolve(client)
      return new Promise((resolve) => (leave = resolve))
    },
    async client(): Promise<Client> {
      const present = next
      const client = await present.promise
      if (await isThere(client)) return client
      if (next === present) {
        next = Promise.withResolvers()
        leave()
      }
      return next.promise
    },
  }
}

const isThere = (client: Client) =>
  client.health().then(
    () => true,
    () => false,
  )

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
