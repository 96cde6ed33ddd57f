import { Command } from 'commander'
import { examples } from '../../arguments/options.ts'
import type { Cli } from '../../cli.ts'
import { alsoAtServer } from '../../connect/target.ts'
import { apiKeyCommands } from './keys-api.ts'
import { auditCommand } from './keys-audit.ts'
import { secretCommands } from './keys-secrets.ts'

/** `keys set|list|rotate|remove`: the secrets of this machine. `keys api …` and `keys audit`: who may ask over the network, and who has. */
export function keysCommand(cli: Cli): Command {
  const api = new Command('api').description('API keys, by which others are let in over the network.')
  for (const sub of apiKeyCommands(cli)) api.addCommand(sub)
  const keys = new Command('keys').description(
    'Keys: the secrets that models and tools are used with, and who may ask this runtime over the network, for what.',
  )
  for (const sub of secretCommands(cli)) keys.addCommand(sub)
  return keys
    .addCommand(alsoAtServer(api))
    .addCommand(alsoAtServer(auditCommand(cli)))
    .addHelpText(
      'after',
      examples(
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
