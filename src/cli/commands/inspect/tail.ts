import type { Client } from '../../../http/client/client.ts'
import type { Session } from '../../connect/session.ts'
import { type Terminal, whileRead } from '../../terminal/terminal.ts'

type ActorEvent = ReturnType<Client['inspector']['tail']> extends AsyncIterable<infer Event> ? Event : never

/** What has happened to an actor after that number and what happens, until a person stops it or nobody reads it any more. */
export async function* tailOf(
  { client, signal }: Session,
  terminal: Terminal,
  of: string,
  after = 0,
): AsyncGenerator<ActorEvent> {
  const until = whileRead(signal, terminal)
  try {
    for await (const event of client.inspector.tail(of, { after, signal: until })) {
      if (until.aborted) return
      yield event
    }
  } catch (error) {
    if (!until.aborted) throw error
  }
}
