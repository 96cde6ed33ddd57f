import type { Clock, EngineView, ListedActor } from '../../../engine/engine.ts'

const PAGE = { list: 1000, commit: 100 } as const

/** All listed actors of a kind, page by page. Other work runs between the pages. */
export async function* listedOf(view: EngineView, kind: string, clock: Clock): AsyncGenerator<ListedActor> {
  for (let after: string | undefined; ; ) {
    const page = await view.list(kind, { limit: PAGE.list, ...(after !== undefined && { after }) })
    yield* page
    after = page.at(-1)?.key
    if (page.length < PAGE.list) return
    await rest(clock)
  }
}

/** Resolves when all work of the batch is done. */
export function rest(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.soon(resolve))
}

/** Yields items in chunks of a hundred. */
export function* portionsOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += PAGE.commit) yield items.slice(from, from + PAGE.commit)
}
