import { is, TerminalError } from '../../errors.ts'
import { type Client, createClient } from '../../http/client/client.ts'
import { socketFetch } from '../../http/client/transport/unix-socket.ts'
import type { OwnerRecord } from '../../store/data-folder/owner-record.ts'
import type { Setup } from '../cli.ts'

/** Another process owns the folder; it stays at least until this one has left. */
export type VisitorPlace = {
  readonly role: 'visitor'
  readonly client: Client
  readonly owner: OwnerRecord
  leave(grace?: number): Promise<void>
}

type Visit = { readonly place?: VisitorPlace; readonly owner?: OwnerRecord | undefined }

const ANSWER_TIMEOUT_MS = 5_000

/** Becomes a visitor of that owner; without a place when it does not answer, or is about to leave. */
export async function visitOwner(setup: Setup, owner: OwnerRecord | undefined): Promise<Visit> {
  if (!owner?.socket) return { owner }
  const client = createClient(socketFetch(owner.socket))
  const leaving = new AbortController()
  const late = setTimeout(() => leaving.abort(), ANSWER_TIMEOUT_MS)
  try {
    await client.attend(leaving.signal)
    await checkEngine(setup, client, owner)
    return { place: { role: 'visitor', client, owner, leave: async () => leaving.abort() } }
  } catch (error) {
    if (leaving.signal.aborted || isLeaving(error)) return { owner }
    throw error
  } finally {
    clearTimeout(late)
  }
}

/** A caller that names a server expects that server. */
async function checkEngine({ data, restate: wanted }: Setup, client: Client, { pid, command }: OwnerRecord) {
  if (!wanted) return
  const { restate } = await client.status()
  if (restate?.admin.some((url) => wanted.admin.includes(url))) return
  const engine = restate ? `the Restate server at ${restate.admin.join(', ')}` : 'libsql'
  const message = `Process ${pid} (${command}) works in the data folder ${data} on ${engine}, not on ${wanted.admin.join(', ')}.`
  throw new TerminalError(message, { code: 'other_engine' })
}

const isLeaving = (error: unknown) => is(error) && (error.code === 'owner_gone' || error.code === 'busy')
