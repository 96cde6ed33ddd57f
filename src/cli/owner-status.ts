import { TerminalError } from '../errors.ts'
import { createClient } from '../http/client.ts'
import { socketFetch } from '../http/socket.ts'
import type { RuntimeStatus } from '../runtime.ts'
import type { OwnerRecord } from '../store/owner.ts'

const ANSWER_TIME = 5_000

/** What the process that owns a data folder says of itself; undefined where nobody does, or lets nobody in. TerminalError `owned` when it is silent for 5 s. */
export async function ownerStatus(owner: OwnerRecord | undefined): Promise<RuntimeStatus | undefined> {
  if (!owner?.socket) return undefined
  const silent = new AbortController()
  const late = setTimeout(() => silent.abort(), ANSWER_TIME)
  const ask = socketFetch(owner.socket)
  try {
    return await createClient((request) => ask(new Request(request, { signal: silent.signal }))).status()
  } catch (error) {
    throw silent.signal.aborted ? silence(owner) : error
  } finally {
    clearTimeout(late)
  }
}

function silence({ pid, command }: OwnerRecord): TerminalError {
  const message = `Process ${pid} (${command}) owns the data folder and has not answered for ${ANSWER_TIME / 1000} s.`
  return new TerminalError(message, {
    code: 'owned',
    hint: `It may be stopped or at its limit. To end it, which loses nothing: kill ${pid}, and kill -9 ${pid} if it stays.`,
  })
}
