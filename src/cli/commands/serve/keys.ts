import { command } from '../../cli.ts'
import { limitOption, listCommand } from '../../client-command.ts'
import { localTime, oneLine } from '../../terminal/format.ts'
import { apiKeysCommand } from './keys-api.ts'
import { SECRET_COMMANDS } from './keys-secrets.ts'

const auditCommand = listCommand({
  name: 'audit',
  about: 'List changes made over the network. The newest day comes first; entries are kept for 90 days.',
  options: [
    ['--owner <owner>', 'only requests with keys of this owner'],
    ['--day <day>', 'only this day (UTC), such as 2026-11-21'],
    limitOption('entries', 50),
    ['--json', 'print them as JSON'],
  ],
  examples: ['keys audit', 'keys audit --owner team --day 2026-11-21 --json'],
  ask: ({ access }, query) => access.audit.list(query),
  none: 'There are no changes over the network yet.',
  head: ['AT', 'OWNER', 'KEY', 'FROM', 'STATUS', 'ASKED'],
  row: ({ at, owner, key = '-', address = '-', status, method, target }) => [
    ...[localTime(at), owner, key, address, String(status), oneLine(`${method} ${target}`, 100)],
  ],
})

/** `keys …`: the secrets of this machine. `keys api …` and `keys audit`: access over the network, and its record. */
export const keysCommand = command({
  name: 'keys',
  about: 'Manage secrets and API keys. Models and tools use secrets; API keys give access over the network.',
  commands: [...SECRET_COMMANDS, apiKeysCommand, auditCommand],
  examples: [
    'keys set openai',
    'keys list',
    'keys rotate openai < new-key.txt',
    'keys remove openai',
    'keys api create laptop --scope read,run',
    'keys api list',
    'keys api revoke 7f21c04b9a5de813',
    'keys audit',
  ],
})
