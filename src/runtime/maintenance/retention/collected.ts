/** What retention let go of, or with `dryRun` would; bytes are those of what was kept, the file has room for that again. */
export type Collected = { readonly dryRun: boolean; readonly items: readonly Items[] }

/** Things of one kind that go for one reason; `ids` are the first of them. */
export type Items = {
  readonly what: 'run' | 'thread' | 'dead letter' | 'audit' | 'blob' | 'draft'
  readonly why: string
  readonly count: number
  readonly bytes: number
  readonly ids: readonly string[]
}

const NAMED = 100

/** One thing that goes. */
export type Gone = Pick<Items, 'what' | 'why'> & { readonly id: string; readonly bytes: number }

/** Gathers things by kind and reason. */
export function gather(gone: readonly Gone[]): readonly Items[] {
  return [...Map.groupBy(gone, ({ what, why }) => `${what}: ${why}`).values()].map((alike) => ({
    what: alike[0]!.what,
    why: alike[0]!.why,
    count: alike.length,
    bytes: alike.reduce((sum, { bytes }) => sum + bytes, 0),
    ids: alike.slice(0, NAMED).map(({ id }) => id),
  }))
}
