import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../../http/client/client.ts'
import type { Session } from '../../connect/session.ts'
import { escapeControls, singleLine } from '../../terminal/escape.ts'
import { type Terminal, untilUnread } from '../../terminal/terminal.ts'

/** Redraws the view on the terminal until the signal. Returns the exit code. */
export async function redrawUntil<Seen>(
  look: () => Promise<Seen>,
  signal: AbortSignal,
  interval: number,
  draw: (seen: Seen) => readonly string[],
): Promise<number> {
  const { createLogUpdate } = await import('log-update')
  const screen = createLogUpdate(process.stderr)
  const show = (seen: Seen) => screen(escapeControls(draw(seen).map(singleLine).join('\n')))
  return repeatUntil(look, signal, interval, show).finally(() => screen.done())
}

/** Takes a sample every `interval` ms until the signal. Returns the exit code. */
export async function repeatUntil<Seen>(
  look: () => Promise<Seen>,
  signal: AbortSignal,
  interval: number,
  show: (seen: Seen) => void,
): Promise<number> {
  while (!signal.aborted) {
    show(await look())
    await sleep(interval, undefined, { signal }).catch(() => {})
  }
  return 0
}

type ActorEvent = ReturnType<Client['inspector']['tail']> extends AsyncIterable<infer Event> ? Event : never

/** The events of an actor after that number, then new ones, until the signal or until the reader is gone. */
export async function* tailOf(
  { client, signal }: Session,
  terminal: Terminal,
  of: string,
  after = 0,
): AsyncGenerator<ActorEvent> {
  const until = untilUnread(signal, terminal)
  try {
    for await (const event of client.inspector.tail(of, { after, signal: until })) {
      if (until.aborted) return
      yield event
    }
  } catch (error) {
    if (!until.aborted) throw error
  }
}
