import { hash } from 'node:crypto'
import type { Actor } from '../../kernel/types.ts'
import type { Client } from './client.ts'
import { type Names, shardOf } from './names.ts'

/** What this code is called when nobody gives it a name: other kinds or other versions of their states are another release. */
export function releaseOf(actors: readonly Actor[]): string {
  const kinds = actors.map(({ kind, version = 1 }) => `${kind}@${version}`).sort()
  return hash('sha256', kinds.join('\n'), 'base64url').slice(0, 12)
}

/** Tells the server where this release is served; said again it changes nothing, so that every node may say it. */
export async function register(client: Client, { directory }: Names, address: string, release: string): Promise<void> {
  // never with force: it takes away kinds that only other nodes know
  await client.admin('POST', '/deployments', { uri: `${address}/${release}`, force: false })
  // where messages go in it is known a moment later
  const query = { service: directory, key: shardOf('', ''), handler: 'page', body: { after: '', limit: 1 } }
  for (let tries = 1; ; tries++) {
    try {
      await client.call(query)
      return
    } catch (error) {
      if (tries === TRIES) throw error
    }
  }
}

// each of them waits a while
const TRIES = 10
