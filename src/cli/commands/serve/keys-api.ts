import { InvalidArgumentError } from 'commander'
import type { ApiKey } from '../../../access/room/documents.ts'
import { KEY_SCOPES, type KeyScope } from '../../../house/scope.ts'
import { parseLifetime } from '../../arguments/options.ts'
import { command } from '../../cli.ts'
import { limitOption, listCommand, showCommand } from '../../client-command.ts'
import { withReader } from '../../connect/session.ts'
import { singleLine } from '../../terminal/escape.ts'
import { localTime, oneLine } from '../../terminal/format.ts'

const OWN_SCOPES: readonly KeyScope[] = ['read', 'run', 'ask']

const createCommand = showCommand({
  name: 'create',
  about: 'Create an API key. Its token is printed only now; only a hash of it is stored.',
  args: [['<name>', 'what the key is for']],
  options: [
    ['--owner <owner>', 'owner of its runs and threads; this command line is "local"', { default: 'local' }],
    [
      '--scope <scopes>',
      `what it allows, separated by commas: ${KEY_SCOPES.join(', ')}`,
      { parse: scopesIn, default: OWN_SCOPES, shown: OWN_SCOPES.join(',') },
    ],
    ['--expires <time>', 'how long it is valid: 30d, 12h, 45m, 90s', { parse: parseLifetime }],
    ['--json', 'print the key with its token as JSON'],
  ],
  examples: ['keys api create laptop', 'keys api create ci --owner team --scope run,read --expires 30d'],
  opens: { serve: false, creates: true },
  ask: ({ access }, name, { owner, scope: scopes, expires }) =>
    access.keys.create({ name, owner, scopes, ...(expires !== undefined && { ttl: expires }) }),
  print(key, terminal, _, { owner, scope }) {
    terminal.out(key.token)
    terminal.say(`Key ${key.id} of ${owner}, for ${scope.join(', ')}${untilText(key)}.`)
    terminal.say('The token is not stored and cannot be shown again.')
  },
})

function scopesIn(given: string): readonly KeyScope[] {
  const names = [...new Set(given.split(',').map((name) => name.trim()))]
  const wrong = names.find((name) => !KEY_SCOPES.some((scope) => scope === name))
  if (wrong === undefined) return names as readonly KeyScope[]
  throw new InvalidArgumentError(`There is no scope "${wrong}". There are: ${KEY_SCOPES.join(', ')}.`)
}

const untilText = ({ expiresAt }: ApiKey) => (expiresAt === undefined ? '' : `; valid until ${localTime(expiresAt)}`)

const listKeysCommand = listCommand({
  about: 'List API keys, including expired and revoked ones.',
  options: [['--owner <owner>', 'only keys of this owner'], limitOption('keys', 100), ['--json', 'print them as JSON']],
  examples: ['keys api list', 'keys api list --owner team --json'],
  ask: ({ access }, query) => access.keys.list(query),
  none: 'There are no API keys here. To make one: antiphon keys api create NAME',
  head: ['KEY', 'OWNER', 'SCOPES', 'CREATED', 'STATE', 'NAME'],
  row: rowOf,
})

function rowOf(key: ApiKey): readonly string[] {
  const { id, owner, scopes, createdAt, name } = key
  return [id, owner, scopes.join(','), localTime(createdAt), stateOf(key, Date.now()), oneLine(name, 60)]
}

function stateOf({ revokedAt, expiresAt }: ApiKey, now: number): string {
  if (revokedAt !== undefined) return `revoked ${localTime(revokedAt)}`
  if (expiresAt === undefined) return 'valid'
  return expiresAt <= now ? `expired ${localTime(expiresAt)}` : `valid until ${localTime(expiresAt)}`
}

const revokeCommand = command({
  name: 'revoke',
  about: 'Revoke API keys.',
  args: [['<id...>', 'ids of the keys']],
  options: [['--json', 'print them as JSON']],
  at: 'server',
  examples: ['keys api revoke 7f21c04b9a5de813'],
  run(cli, ids, { json, ...where }) {
    return withReader(cli, { command: 'antiphon keys', ...where }, async ({ client }) => {
      const revoked: ApiKey[] = []
      for (const id of ids) {
        const key = await client.access.keys.revoke(id)
        revoked.push(key)
        if (!json) cli.terminal.out(singleLine(`${id} (${key.name}): revoked`))
      }
      if (json) cli.terminal.json(revoked)
      return 0
    })
  },
})

export const apiKeysCommand = command({
  name: 'api',
  about: 'Create, list and revoke API keys.',
  commands: [createCommand, listKeysCommand, revokeCommand],
})
