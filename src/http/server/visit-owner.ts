import type { Config } from '../../config/config.ts'
import { is, TerminalError } from '../../errors.ts'
import type { RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import { isThisProcess, type OwnerRecord } from '../../store/data-folder/owner-record.ts'
import { attendOwner } from '../client/attend.ts'
import { type Client, createClient } from '../client/client.ts'
import { type Fetch, socketFetch } from '../client/transport/unix-socket.ts'

/** Another process owns the folder. */
export type VisitorPlace = {
  readonly role: 'visitor'
  readonly client: Client
  readonly fetch: Fetch
  readonly owner: OwnerRecord
  /** the status of the owner at the beginning of the visit */
  readonly status: RuntimeStatus
  /** Resolves when the owner ends, or this process leaves. */
  readonly gone: Promise<void>
  leave(grace?: number): Promise<void>
}

type Visit = { readonly place?: VisitorPlace; readonly owner?: OwnerRecord | undefined }

const ANSWER_TIMEOUT_MS = 5_000

/**
 * Becomes a visitor of that owner; without a place when it does not answer, or is about to leave. `holds`: a command
 * that is the owner stays at least until this process has left.
 */
export async function visitOwner(
  setup: Pick<Config, 'data' | 'restate'>,
  owner: OwnerRecord | undefined,
  holds: boolean,
  headers: { readonly [name: string]: string } = {},
): Promise<Visit> {
  if (!owner?.socket) return { owner }
  const fetch = socketFetch(owner.socket)
  const leaving = new AbortController()
  const late = setTimeout(() => leaving.abort(), ANSWER_TIMEOUT_MS)
  try {
    const { status, gone } = await attendOwner(fetch, { signal: leaving.signal, holds })
    checkEngine(setup, status, owner)
    const leave = async () => leaving.abort()
    return {
      place: {
        role: 'visitor',
        client: createClient(fetch, { base: 'http://antiphon', headers }),
        fetch,
        owner,
        status,
        gone,
        leave,
      },
    }
  } catch (error) {
    const isLate = leaving.signal.aborted
    leaving.abort()
    if (isLate || isLeaving(error)) return { owner }
    throw error
  } finally {
    clearTimeout(late)
  }
}

/** A caller that names a server expects that server. */
function checkEngine(
  { data, restate: wanted }: Pick<Config, 'data' | 'restate'>,
  { restate }: RuntimeStatus,
  owner: OwnerRecord,
): void {
  if (!wanted || restate?.admin.some((url) => wanted.admin.includes(url))) return
  const engine = restate ? `the Restate server at ${restate.admin.join(', ')}` : 'libsql'
  const who = isThisProcess(owner) ? 'This process' : `Process ${owner.pid} (${owner.command})`
  const message = `${who} works in the data folder ${data} on ${engine}, not on ${wanted.admin.join(', ')}.`
  throw new TerminalError(message, { code: 'other_engine' })
}

const isLeaving = (error: unknown) => is(error) && (error.code === 'owner_gone' || error.code === 'busy')
