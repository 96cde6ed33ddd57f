import { spawn } from 'node:child_process'
import { plainText } from '../../../tool/mcp/settings.ts'
import { passphrasePrompt } from '../../arguments/secret-value.ts'
import { type Cli, command } from '../../cli.ts'
import { withServers } from './mcp-servers.ts'

type Options = { readonly open?: boolean; readonly keyFile?: string; readonly json?: boolean }

const KEY_FILE = ['--key-file <file>', 'a file with the passphrase of the secrets that only you can read'] as const

export const loginCommand = command({
  name: 'login',
  about: 'Sign in to an MCP server with OAuth. Prints the address for your browser, and keeps the tokens as a secret.',
  args: [['<name>', 'the name of the server']],
  options: [
    ['--open', 'also open the address in a browser'],
    KEY_FILE,
    ['--json', 'print the name of the server as JSON'],
  ],
  examples: ['mcp login github', 'mcp login github --open'],
  run(cli, name, options) {
    const { terminal } = cli
    const show = (address: URL) => {
      terminal.say(`To sign in to ${plainText(name, 64)}, open this address in a browser on this machine:`)
      terminal.say(address.href)
      if (options.open) openBrowser(address, cli)
    }
    return withServers(
      cli,
      async (servers, signal) => {
        await servers.login(name, { show, signal })
        if (options.json) terminal.json({ name, login: true })
        else terminal.out(`${plainText(name, 64)}: signed in. The tokens are kept as a secret.`)
      },
      sourceOf(cli, options),
    )
  },
})

export const logoutCommand = command({
  name: 'logout',
  about: 'Remove the tokens of an MCP server from the secrets. The server itself is not informed.',
  args: [['<name>', 'the name of the server']],
  options: [KEY_FILE, ['--json', 'print whether there were tokens, as JSON']],
  examples: ['mcp logout github'],
  run: (cli, name, options) =>
    withServers(
      cli,
      async (servers) => {
        const removed = await servers.logout(name)
        if (options.json) return cli.terminal.json({ name, removed })
        cli.terminal.out(`${plainText(name, 64)}: ${removed ? 'signed out' : 'there were no tokens'}`)
      },
      sourceOf(cli, options),
    ),
})

const sourceOf = ({ terminal }: Cli, { keyFile }: Options) => ({
  ...(keyFile !== undefined && { keyFile }),
  ...passphrasePrompt(terminal),
})

/** Starts the browser of this machine. The address is on the screen in any case. */
function openBrowser({ href }: URL, { terminal }: Cli): void {
  const [program, ...first] = openerOf(process.platform, terminal.environment.BROWSER)
  const child = spawn(program, [...first, href], { detached: true, stdio: 'ignore' })
  child.on('error', ({ message }) => terminal.say(`Note: the browser did not start: ${message}`))
  child.unref()
}

function openerOf(platform: string, browser: string | undefined): readonly [string, ...string[]] {
  if (browser) return [browser]
  if (platform === 'darwin') return ['open']
  return platform === 'win32' ? ['rundll32', 'url.dll,FileProtocolHandler'] : ['xdg-open']
}
