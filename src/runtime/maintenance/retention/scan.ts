import type { Clock, EngineView, ListedActor } from '../../../engine/engine.ts'

const PAGE = 1000
/** Items that one commit removes. */
export const PORTION = 100

/** All listed actors of a kind, page by page. Other work runs between the pages. */
export async function* listedOf(view: EngineView, kind: string, clock: Clock): AsyncGenerator<ListedActor> {
  for (let after: string | undefined; ; ) {
    const page = await view.list(kind, { limit: PAGE, ...(after !== undefined && { after }) })
    yield* page
    after = page.at(-1)?.key
    if (page.length < PAGE) return
    await rest(clock)
  }
}

/** Resolves when all work of the batch is done. */
export const rest = (clock: Clock): Promise<void> => new Promise((resolve) => clock.soon(resolve))
