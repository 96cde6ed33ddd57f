import { Command } from 'commander'
import { DATA_OPTION, exampleText } from '../../arguments/options.ts'
import { type Cli, loadSetup } from '../../cli.ts'
import { type Session, withRuntime } from '../../connect/session.ts'

type Options = { readonly data?: string }

/** `mcp serve`: antiphon as a server of the Model Context Protocol on stdin and stdout. */
export function mcpServeCommand(cli: Cli): Command {
  return new Command('serve')
    .description(
      'Serve an MCP client over stdin and stdout. It gets pipelines, the tools under mcp: serve: in antiphon.yaml, questions and artifacts. It ends with stdin.',
    )
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('mcp serve', 'mcp serve --data /var/lib/antiphon'))
    .action(async ({ data }: Options) => {
      const options = { command: 'antiphon mcp serve', creates: true, ...(data !== undefined && { data }) }
      cli.exit(await withRuntime(cli, options, (session) => serveStdio(cli, data, session)))
    })
}

/** Serves as the user of the data folder. Resolves when the client closes stdin. */
async function serveStdio(cli: Cli, data: string | undefined, { client, signal }: Session): Promise<number> {
  const [{ loadServerSdk, loadStdioSdk }, { mcpServerFactory }, { LOCAL }] = await Promise.all([
    import('../../../http/mcp/sdk.ts'),
    import('../../../http/mcp/server.ts'),
    import('../../../http/authorize/caller.ts'),
  ])
  const [sdk, stdio] = await Promise.all([loadServerSdk(), loadStdioSdk()])
  const { mcp } = await loadSetup(cli, data)
  const { owner, scopes } = LOCAL
  const transport = new stdio.StdioServerTransport()
  const ended = new Promise<void>((resolve) => {
    process.stdin.once('end', resolve).once('close', resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  const handle = stdio.serveStdio(
    mcpServerFactory(sdk, mcp, () => ({ client, owner, scopes })),
    { transport },
  )
  await ended
  await handle.close()
  return 0
}
