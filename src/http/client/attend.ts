import { OPERATIONS } from '../../contract/operations.ts'
import type { RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import { WATCH_PATH } from '../wire/presence.ts'
import { follow } from './request.ts'
import { ownerGone } from './transport/errors.ts'
import type { Fetch } from './transport/unix-socket.ts'

/** A visit at the process that owns a data folder. */
type Attendance = {
  readonly status: RuntimeStatus
  /** Resolves when the process ends, or at the signal. It is the end of the connection, so nothing asks for it. */
  readonly gone: Promise<void>
}

/**
 * Connects to the process that owns a data folder, until the signal. With `holds`, a command that owns the folder stays
 * as long as this connection. RetryableError `owner_gone` if nothing answers.
 */
export async function attendOwner(
  fetch: Fetch,
  { signal, holds }: { readonly signal: AbortSignal; readonly holds: boolean },
): Promise<Attendance> {
  const path = holds ? OPERATIONS.attend.path : WATCH_PATH
  const presence = follow({ fetch, base: 'http://antiphon' }, path, { signal })
  const first = await presence.next()
  if (first.done) throw ownerGone()
  return { status: first.value.body as RuntimeStatus, gone: untilEnd(presence) }
}

async function untilEnd(presence: AsyncGenerator<unknown>): Promise<void> {
  try {
    for await (const _ of presence);
  } catch {
    // a connection that breaks means the same as its end
  }
}
