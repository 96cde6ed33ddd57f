import { TerminalError } from '../../errors.ts'
import { type Client, createClient } from '../../http/client/client.ts'
import { socketFetch } from '../../http/client/transport/unix-socket.ts'
import type { RuntimeStatus } from '../../runtime/ports/maintenance.ts'
import type { OwnerRecord } from '../../store/data-folder/owner-record.ts'
import { formatDuration } from '../terminal/format.ts'

const ANSWER_TIMEOUT_MS = 5_000

/** The status of the owner of a data folder; undefined without one. TerminalError `owned` if it is silent for 5 s. */
export async function ownerStatus(owner: OwnerRecord | undefined): Promise<RuntimeStatus | undefined> {
  return owner?.socket ? callOwner(owner, (client) => client.status()) : undefined
}

/** Calls the process that owns a data folder. TerminalError `owned` if it is silent 5 s longer than `wait` (ms). */
export async function callOwner<Answer>(
  owner: OwnerRecord,
  put: (client: Client) => Promise<Answer>,
  takes = 0,
): Promise<Answer> {
  const silent = new AbortController()
  const limit = takes + ANSWER_TIMEOUT_MS
  const late = setTimeout(() => silent.abort(), limit)
  const ask = socketFetch(owner.socket!)
  try {
    return await put(createClient((request) => ask(new Request(request, { signal: silent.signal }))))
  } catch (error) {
    throw silent.signal.aborted ? silence(owner, limit) : error
  } finally {
    clearTimeout(late)
  }
}

function silence({ pid, command }: OwnerRecord, limit: number): TerminalError {
  const message = `Process ${pid} (${command}) owns the data folder and has not answered for ${formatDuration(limit)}.`
  return new TerminalError(message, {
    code: 'owned',
    hint: `It may be stopped or overloaded. To end it without losing work: kill ${pid}, or kill -9 ${pid} if it stays.`,
  })
}
