import { Command } from 'commander'
import type { Cli } from '../cli.ts'
import { examples } from '../options.ts'
import { apiKeyCommands } from './keys-api.ts'
import { auditCommand } from './keys-audit.ts'

/** `keys api create|list|revoke` and `keys audit`: who may ask over the network, and who has. */
export function keysCommand(cli: Cli): Command {
  const api = new Command('api').description('API keys, by which others are let in over the network.')
  for (const sub of apiKeyCommands(cli)) api.addCommand(sub)
  return new Command('keys')
    .description('Keys: who may ask this runtime over the network, and for what.')
    .addCommand(api)
    .addCommand(auditCommand(cli))
    .addHelpText(
      'after',
      examples(
        'keys api create laptop --scope read,run',
        'keys api list',
        'keys api revoke 7f21c04b9a5de813',
        'keys audit',
      ),
    )
}
