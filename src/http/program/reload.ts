import { waitForTurn } from '../server/dev-turn.ts'

interface Started {
  stop(options: { readonly grace: number }): Promise<void>
}

/** ms that running turns of a program get which makes room for its new code */
const RELOAD_GRACE_MS = 5_000

type Starts = Map<string, Set<Promise<Started>>>

// hot reload loads this file again, so the list belongs to the process and not to the file
const KEY = Symbol.for('antiphon.starts')
const starts: Starts = ((globalThis as { [KEY]?: Starts })[KEY] ??= new Map())

/**
 * Opens a program on a data folder. With `reload`, the programs that this process started there before are stopped
 * first, each in order; one that is still starting is waited for.
 */
export function openInTurn<App extends Started>(
  data: string,
  reload: boolean,
  open: (onStop: () => void) => Promise<App>,
): Promise<App> {
  const all = starts.get(data) ?? new Set()
  starts.set(data, all)
  const earlier = reload ? [...all] : []
  const leave = () => {
    all.delete(started)
    if (all.size === 0 && starts.get(data) === all) starts.delete(data)
  }
  async function openLast(): Promise<App> {
    await waitForTurn(data)
    for (const one of earlier) await stopped(one)
    return open(leave)
  }
  const started = openLast()
  all.add(started)
  started.catch(leave)
  return started
}

async function stopped(program: Promise<Started>): Promise<void> {
  const found = await program.catch(() => undefined)
  await found?.stop({ grace: RELOAD_GRACE_MS })
}

/** Ends all programs that this process has started. */
export const stopAll = () => Promise.allSettled([...starts.values()].flatMap((all) => [...all].map(stopped)))
