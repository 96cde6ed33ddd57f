import type { Clock, Inspected, View } from '../../engine/engine.ts'

const PAGE = 100

/** All actors of a kind, page by page; between pages everything else has its turn. */
export async function* actorsOf(view: View, kind: string, clock: Clock): AsyncGenerator<Inspected> {
  for (let after: Inspected['of'] | undefined; ; ) {
    const page = await view.inspect({ kind, limit: PAGE, ...(after && { after }) })
    yield* page
    after = page.at(-1)?.of
    if (page.length < PAGE || !after) return
    await rest(clock)
  }
}

/** Resolves when all that was to be done has been. */
export function rest(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.soon(resolve))
}

/** Items in portions of a hundred. */
export function* portionsOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += PAGE) yield items.slice(from, from + PAGE)
}
