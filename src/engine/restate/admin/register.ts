import { hash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidError, is } from '../../../errors.ts'
import type { Actor } from '../../../kernel/types.ts'
import type { RestateClient } from '../client/client.ts'
import type { ServiceNames } from '../names.ts'

/** Raise it when handlers or settings of nodes change: the server learns of such changes only from a new release. */
const HANDLER_REVISION = 6

/** The default release name. It changes with actor kinds, the versions of their states, and the way state is read. */
export function releaseOf(namespace: string, actors: readonly Actor[], eager: boolean): string {
  const kinds = actors.map(({ kind, version = 1 }) => `${kind}@${version}`).sort()
  return hash(
    'sha256',
    [namespace, String(HANDLER_REVISION), ...(eager ? ['eager'] : []), ...kinds].join('\n'),
    'base64url',
  ).slice(0, 12)
}

/** Registers the address of this release at the server. Idempotent, so that every node may do it. */
export async function register(
  client: RestateClient,
  names: ServiceNames,
  kinds: Iterable<string>,
  uri: string,
): Promise<void> {
  const response = await announce(client, uri)
  const { services } = (await response.json()) as { readonly services: readonly { readonly name: string }[] }
  const known = new Set(services.map(({ name }) => name))
  const missing = [names.directory, ...[...kinds].map(names.ofKind)].filter((name) => !known.has(name))
  if (missing.length > 0) throw taken(uri, missing)
  // the ingress knows new services only after a moment
  await client.call({ service: names.directory, key: 'none', handler: 'partition' })
}

/** ms during which a node of another release may still answer at a shared address. */
const REGISTER_TIMEOUT_MS = 30_000

async function announce(client: RestateClient, uri: string): Promise<Response> {
  for (const deadline = performance.now() + REGISTER_TIMEOUT_MS; ; await sleep(100)) {
    try {
      // never with force: that would remove kinds that only other nodes have
      return await client.admin('POST', '/deployments', { uri, force: false })
    } catch (error) {
      if (!isSentAway(error) || performance.now() > deadline) throw explained(uri, error)
    }
  }
}

/** Whether the node that the server reached at this address refused the registration. */
const isSentAway = (error: unknown) =>
  is(error) && /META0003/.test(error.message) && error.message.includes(`status code '503`)

/** Explains why the server cannot reach this node, or why a node refused it. */
function explained(uri: string, cause: unknown): unknown {
  const [, said] =
    (is(cause) && /META0003\] (?:\[META0003\] )?(.*?)(?:\. Response headers|","restate_code|$)/.exec(cause.message)) ||
    []
  if (said === undefined) return cause
  return new InvalidError(`The Restate server does not reach this node at ${uri}: ${said}`, {
    code: 'not_reached',
    hint: said.includes('401') ? OTHER_KEY : OTHER_ADDRESS,
    cause,
  })
}

const OTHER_KEY = 'It signs with another key than those under `identity`, or with none.'
const OTHER_ADDRESS = 'Say under which `address` the server reaches it: engine: { restate: { address: http://… } }'

function taken(uri: string, missing: readonly string[]): Error {
  return new InvalidError(`The server knows ${uri} as a release without ${missing.join(', ')}.`, {
    code: 'release_taken',
    hint: 'Give this code its own release name.',
  })
}
