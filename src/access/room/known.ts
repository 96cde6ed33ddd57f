import type { Clock, Engine } from '../../engine/engine.ts'

/** ms after which a cached state is read again, and the number of cached states. */
const FRESH_MS = 1_000
const MAX_KNOWN = 10_000

/** States of actors as they were a moment ago: a request does not wait for a disk or for another machine. */
export interface Known<State> {
  find(id: string): Promise<State | undefined>
  forget(id: string): void
  /** Each is read again from now on. */
  forgetAll(): void
}

/** The actors of a kind that this process remembers. */
export function knownStates<State>(
  kind: string,
  { engine, clock }: { readonly engine: Engine; readonly clock: Clock },
): Known<State> {
  type Entry = { readonly at: number; readonly state: Promise<State | undefined> }
  const known = new Map<string, Entry>()

  async function look(key: string): Promise<State | undefined> {
    return ((await engine.view.peek({ kind, key })) ?? undefined) as State | undefined
  }

  return {
    forget: (id) => void known.delete(id),
    forgetAll: () => known.clear(),
    async find(id) {
      const found = known.get(id)
      if (found && clock.elapsed() - found.at < FRESH_MS) return found.state
      known.delete(id)
      if (known.size >= MAX_KNOWN) known.delete(known.keys().next().value!)
      // cached before the lookup ends, so that an invalidation in the meantime is not overwritten
      const entry: Entry = { at: clock.elapsed(), state: look(id) }
      known.set(id, entry)
      const state = await entry.state.catch(() => undefined)
      if (!state && known.get(id) === entry) known.delete(id)
      return entry.state
    },
  }
}
