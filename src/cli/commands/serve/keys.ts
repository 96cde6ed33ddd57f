import { Command, Option } from 'commander'
import type { AuditLine, AuditQuery } from '../../../runtime/ports/access.ts'
import { DATA_OPTION, exampleText, parseLimit } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { withReader } from '../../connect/reader.ts'
import { type ConnectionTarget, withServerOptions } from '../../connect/target.ts'
import { showList } from '../../render/print.ts'
import { printTable } from '../../render/table.ts'
import { oneLine } from '../../render/text.ts'
import { localTime } from '../../terminal/format.ts'
import { apiKeyCommands } from './keys-api.ts'
import { secretCommands } from './keys-secrets.ts'

/** `keys set|list|rotate|remove`: the secrets of this machine. `keys api …` and `keys audit`: access over the network, and its record. */
export function keysCommand(cli: Cli): Command {
  const api = new Command('api').description('Create, list and revoke API keys.')
  for (const sub of apiKeyCommands(cli)) api.addCommand(sub)
  const keys = new Command('keys').description(
    'Manage secrets and API keys. Models and tools use secrets; API keys give access over the network.',
  )
  for (const sub of secretCommands(cli)) keys.addCommand(sub)
  return keys
    .addCommand(withServerOptions(api))
    .addCommand(withServerOptions(auditCommand(cli)))
    .addHelpText(
      'after',
      exampleText(
        'keys set openai',
        'keys list',
        'keys rotate openai < new-key.txt',
        'keys remove openai',
        'keys api create laptop --scope read,run',
        'keys api list',
        'keys api revoke 7f21c04b9a5de813',
        'keys audit',
      ),
    )
}

type Options = ConnectionTarget & AuditQuery & { readonly limit: number; readonly json?: boolean }

/** `keys audit`: who changed what over the network. */
function auditCommand(cli: Cli): Command {
  return new Command('audit')
    .description('List changes made over the network. The newest day comes first; entries are kept for 90 days.')
    .option('--owner <owner>', 'only requests with keys of this owner')
    .option('--day <day>', 'only this day (UTC), such as 2026-11-21')
    .addOption(
      new Option('--limit <number>', 'maximum number of entries, up to 1000').argParser(parseLimit).default(50),
    )
    .option('--json', 'print them as JSON')
    .option(...DATA_OPTION)
    .addHelpText('after', exampleText('keys audit', 'keys audit --owner team --day 2026-11-21 --json'))
    .action(async (options: Options) => cli.exit(await list(cli, options)))
}

function list(cli: Cli, { json, owner, day, limit, ...where }: Options): Promise<number> {
  const { terminal } = cli
  const show = (lines: readonly AuditLine[]): number => {
    const print = () => printTable(terminal, ['AT', 'OWNER', 'KEY', 'FROM', 'STATUS', 'ASKED'], lines.map(rowOf))
    return showList(terminal, lines, { json, limit, none: 'There are no changes over the network yet.', print })
  }
  const query = { limit, ...(owner !== undefined && { owner }), ...(day !== undefined && { day }) }
  return withReader(cli, { command: 'antiphon keys', ...where, empty: () => show([]) }, async ({ client }) =>
    show(await client.access.audit.list(query)),
  )
}

function rowOf({ at, owner, key = '-', address = '-', status, method, target }: AuditLine): readonly string[] {
  return [localTime(at), owner, key, address, String(status), oneLine(`${method} ${target}`, 100)]
}
