import { Command, InvalidArgumentError, Option } from 'commander'
import { KEY_SCOPES, type KeyScope } from '../../../access/api-key.ts'
import type { ApiKey } from '../../../runtime/ports/access.ts'
import { DATA_OPTION, exampleText, parseLifetime, parseLimit } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { withReader } from '../../connect/reader.ts'
import { withRuntime } from '../../connect/session.ts'
import type { ConnectionTarget } from '../../connect/target.ts'
import { printJson, showList } from '../../render/print.ts'
import { printTable } from '../../render/table.ts'
import { oneLine } from '../../render/text.ts'
import { singleLine } from '../../terminal/escape.ts'
import { localTime } from '../../terminal/format.ts'

type Options = ConnectionTarget & { readonly json?: boolean }
type CreateOptions = Options & {
  readonly owner: string
  readonly scope: readonly KeyScope[]
  readonly expires?: number
}
type ListOptions = Options & { readonly owner?: string; readonly limit: number }

/** `create`, `list` and `revoke`, whether this process owns the data folder or another does. */
export function apiKeyCommands(cli: Cli): readonly Command[] {
  return [createCommand(cli), listCommand(cli), revokeCommand(cli)]
}

const OWN_SCOPES: readonly KeyScope[] = ['read', 'run', 'ask']

function createCommand(cli: Cli): Command {
  return new Command('create')
    .description('Create an API key. Its token is printed only now; only a hash of it is stored.')
    .argument('<name>', 'what the key is for')
    .option('--owner <owner>', 'owner of its runs and threads; this command line is "local"', 'local')
    .addOption(
      new Option('--scope <scopes>', `what it allows, separated by commas: ${KEY_SCOPES.join(', ')}`)
        .argParser(scopesIn)
        .default(OWN_SCOPES, OWN_SCOPES.join(',')),
    )
    .addOption(new Option('--expires <time>', 'how long it is valid: 30d, 12h, 45m, 90s').argParser(parseLifetime))
    .option('--json', 'print the key with its token as JSON')
    .option(...DATA_OPTION)
    .addHelpText(
      'after',
      exampleText('keys api create laptop', 'keys api create ci --owner team --scope run,read --expires 30d'),
    )
    .action(async (name: string, options: CreateOptions) => cli.exit(await create(cli, name, options)))
}

function scopesIn(given: string): readonly KeyScope[] {
  const names = [...new Set(given.split(',').map((name) => name.trim()))]
  const wrong = names.find((name) => !KEY_SCOPES.some((scope) => scope === name))
  if (wrong === undefined) return names as readonly KeyScope[]
  throw new InvalidArgumentError(`There is no scope "${wrong}". There are: ${KEY_SCOPES.join(', ')}.`)
}

function create(
  cli: Cli,
  name: string,
  { owner, scope: scopes, expires, json, ...where }: CreateOptions,
): Promise<number> {
  const { terminal } = cli
  const request = { name, owner, scopes, ...(expires !== undefined && { ttl: expires }) }
  return withRuntime(cli, { command: 'antiphon keys', ...where, serve: false, creates: true }, async ({ client }) => {
    const key = await client.access.keys.create(request)
    if (json) printJson(terminal, key)
    else {
      terminal.out(key.token)
      terminal.say(`Key ${key.id} of ${owner}, for ${scopes.join(', ')}${untilText(key)}.`)
      terminal.say('The token is not stored and cannot be shown again.')
    }
    return 0
  })
}

const untilText = ({ expiresAt }: ApiKey) => (expiresAt === undefined ? '' : `; valid until ${localTime(expiresAt)}`)

function listCommand(cli: Cli): Command {
  return new Command('list')
    .description('List API keys, including expired and revoked ones.')
    .option('--owner <owner>', 'only keys of this owner')
    .addOption(new Option('--limit <number>', 'maximum number of keys, up to 1000').argParser(parseLimit).default(100))
    .option('--json', 'print them as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('keys api list', 'keys api list --owner team --json'))
    .action(async (options: ListOptions) => cli.exit(await list(cli, options)))
}

function list(cli: Cli, { owner, limit, json, ...where }: ListOptions): Promise<number> {
  const { terminal } = cli
  const none = 'There are no API keys here. To make one: antiphon keys api create NAME'
  const show = (keys: readonly ApiKey[]): number => {
    const print = () => printTable(terminal, ['KEY', 'OWNER', 'SCOPES', 'CREATED', 'STATE', 'NAME'], keys.map(rowOf))
    return showList(terminal, keys, { json, limit, none, print })
  }
  const query = { limit, ...(owner !== undefined && { owner }) }
  return withReader(cli, { command: 'antiphon keys', ...where, empty: () => show([]) }, async ({ client }) =>
    show(await client.access.keys.list(query)),
  )
}

function rowOf(key: ApiKey): readonly string[] {
  const { id, owner, scopes, createdAt, name } = key
  return [id, owner, scopes.join(','), localTime(createdAt), stateOf(key, Date.now()), oneLine(name, 60)]
}

function stateOf({ revokedAt, expiresAt }: ApiKey, now: number): string {
  if (revokedAt !== undefined) return `revoked ${localTime(revokedAt)}`
  if (expiresAt === undefined) return 'valid'
  return expiresAt <= now ? `expired ${localTime(expiresAt)}` : `valid until ${localTime(expiresAt)}`
}

function revokeCommand(cli: Cli): Command {
  return new Command('revoke')
    .description('Revoke API keys.')
    .argument('<id...>', 'ids of the keys')
    .option('--json', 'print them as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('keys api revoke 7f21c04b9a5de813'))
    .action(async (ids: readonly string[], options: Options) => cli.exit(await revoke(cli, ids, options)))
}

function revoke(cli: Cli, ids: readonly string[], { json, ...where }: Options): Promise<number> {
  const { terminal } = cli
  return withReader(cli, { command: 'antiphon keys', ...where }, async ({ client }) => {
    const revoked: ApiKey[] = []
    for (const id of ids) {
      const key = await client.access.keys.revoke(id)
      revoked.push(key)
      if (!json) terminal.out(singleLine(`${id} (${key.name}): revoked`))
    }
    if (json) printJson(terminal, revoked)
    return 0
  })
}
