import type { RunProgress } from '../../src/cli/progress/run-progress.ts'
import type { Client } from '../../src/http/client/client.ts'
import type { Answer, AskRequest } from '../../src/thread/room/port.ts'
import type { Screen } from './screen.ts'

export type Ask = AskRequest & { readonly id: string }
/** What was seen of each stream: the number of its last event. */
export type Seen = Map<string, number>

/** Shows a run until it is over, or has come far enough. */
export async function watchRun(
  client: Client,
  run: string,
  { screen, seen, signal }: { readonly screen: Screen; readonly seen: Seen; readonly signal: AbortSignal },
  isEnough: (progress: RunProgress) => boolean,
): Promise<'enough' | 'over' | 'stopped'> {
  for await (const { n, body } of client.runs.events(run, { after: seen.get(run) ?? 0, signal })) {
    if (n === undefined) continue
    seen.set(run, n)
    screen.takeRun(body)
    if ((body as { type: string }).type === 'run-end') return 'over'
    if (isEnough(screen.run)) return 'enough'
  }
  return 'stopped'
}

/** Whether half of all steps have finished, once it is known how many there are. */
export function isHalf({ total, done, failed, skipped, groups }: RunProgress): boolean {
  const known = [...groups.values()].some(({ loop }) => loop !== undefined)
  return known && done + failed + skipped >= total / 2
}

/** Asks, or takes up what was asked, and shows the phases meanwhile. */
export async function watchAsk(
  client: Client,
  ask: Ask,
  { screen, seen, signal }: { readonly screen: Screen; readonly seen: Seen; readonly signal: AbortSignal },
): Promise<Answer> {
  const answered = new AbortController()
  const either = AbortSignal.any([signal, answered.signal])
  const follow = async () => {
    for await (const { n, body } of client.threads.askEvents(ask.thread, ask.id, {
      after: seen.get(ask.id) ?? 0,
      signal: either,
    })) {
      if (n === undefined) continue
      seen.set(ask.id, n)
      screen.takeAsk(ask.id, body)
    }
  }
  // what the stream does not show the answer does
  const following = follow().catch(() => {})
  try {
    return await client.threads.ask(ask, signal)
  } finally {
    answered.abort()
    await following
  }
}

/** Tells the screen how many commits there were, until the signal. */
export function watchCommits(client: Client, screen: Screen, signal: AbortSignal): void {
  const look = () =>
    client.status().then(
      ({ engine }) => screen.count(engine?.commits ?? 0),
      () => {},
    )
  const ticks = setInterval(look, 250)
  signal.addEventListener('abort', () => clearInterval(ticks), { once: true })
}
