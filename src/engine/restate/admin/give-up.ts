import { setTimeout } from 'node:timers/promises'
import { NotFoundError, TerminalError } from '../../../errors.ts'
import { type ActorRef, nameOf } from '../../../kernel/ref.ts'
import { newId } from '../../envelope.ts'
import type { RestateClient } from '../client/client.ts'
import { objectKey, serviceNames } from '../names.ts'
import type { GivenUp } from '../turn-io.ts'
import { sqlText } from './mail.ts'

/** How often a running attempt is checked, and ms between the checks. */
const MAX_POLLS = 40
const POLL_INTERVAL_MS = 50

/** Time for a node to give up the turn. */
const GIVE_UP_TIMEOUT_MS = 30_000

/**
 * Gives up the stuck turn of an actor: its message becomes a dead letter, the caller gets an error, and the actor
 * continues. Any node of the newest release does this. NotFoundError when the actor has no stuck turn.
 */
export async function giveUpTurnOf(client: RestateClient, namespace: string, of: ActorRef): Promise<void> {
  const service = serviceNames(namespace).ofKind(of.kind)
  const id = await findStuck(client, service, objectKey(of))
  if (id === undefined) throw new NotFoundError(`No turn of ${nameOf(of)} is stuck on the server.`)
  const call = {
    service,
    key: objectKey(of),
    handler: 'giveUp',
    body: id,
    // sent under an id, so that a repeated request after a lost response gets the same result
    id: newId(),
    signal: AbortSignal.timeout(GIVE_UP_TIMEOUT_MS),
  }
  const { body } = await client.call(call).catch((cause: unknown) => {
    throw new TerminalError('No node of the newest release accepted it: start one and retry.', { cause })
  })
  check(body as GivenUp, of)
}

/** Finds the failing turn of an actor. A turn that is being attempted is checked again a little later. */
async function findStuck(client: RestateClient, service: string, key: string): Promise<string | undefined> {
  for (let look = 1; ; look++) {
    const [row] = await client.query(
      `select id, status from sys_invocation where target_service_name = ${sqlText(service)} and target_service_key = ${sqlText(key)}
         and target_handler_name = 'take' and (status in ('paused', 'backing-off') or (status = 'running' and retry_count > 1))`,
    )
    if (!row || (row.status === 'running' && look === MAX_POLLS)) return undefined
    if (row.status !== 'running') return String(row.id)
    await setTimeout(POLL_INTERVAL_MS)
  }
}

function check(what: GivenUp, of: ActorRef): void {
  if (what === 'over') throw new NotFoundError(`The turn of ${nameOf(of)} has already ended.`)
  if (what === 'committing')
    throw new TerminalError(
      `A part of what the turn of ${nameOf(of)} decided has left already, and the rest must follow: start the code that it began with.`,
    )
}
