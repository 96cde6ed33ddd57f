import { hash } from 'node:crypto'
import { InvalidError } from '../../errors.ts'
import type { Actor } from '../../kernel/types.ts'
import type { Client } from './client.ts'
import type { Names } from './names.ts'

/** What this code is called when nobody gives it a name: other kinds or other versions of their states are another release. */
export function releaseOf(namespace: string, actors: readonly Actor[]): string {
  const kinds = actors.map(({ kind, version = 1 }) => `${kind}@${version}`).sort()
  return hash('sha256', [namespace, ...kinds].join('\n'), 'base64url').slice(0, 12)
}

/** Tells the server where this release is served; said again it changes nothing, so that every node may say it. */
export async function register(client: Client, names: Names, address: string, release: string): Promise<void> {
  const uri = `${address}/${release}`
  // never with force: it takes away kinds that only other nodes know
  const response = await client.admin('POST', '/deployments', { uri, force: false })
  const { services } = (await response.json()) as { readonly services: readonly { readonly name: string }[] }
  if (!services.some(({ name }) => name === names.directory)) throw taken(uri)
  // where messages go in it is known a moment later
  await client.call({ service: names.directory, key: 'none', handler: 'page', body: { after: '', limit: 1 } })
}

function taken(uri: string): Error {
  return new InvalidError(`the server knows ${uri} as that of other services`, {
    code: 'release_taken',
    hint: 'give this code a release name of its own',
  })
}
