/** How the steps of a run hang together: each on the one before · all on the first one, and the last on them · a loop over as many items. */
export type Shape = 'chain' | 'fan' | 'each'

/** Runs of so many steps, so many of them at once. */
export type RunLoad = { readonly shape: Shape; readonly steps: number; readonly clients: number }

export const SIZES = [10, 100, 1_000, 10_000] as const
/** The most steps that a peer is given: what one costs them grows with how many there are. */
export const MOST = 1_000

/** What a load is called: `chain-100`, or `chain-100-16` for sixteen runs at once. */
export function nameOf({ shape, steps, clients }: RunLoad): string {
  return clients === 1 ? `${shape}-${steps}` : `${shape}-${steps}-${clients}`
}

/** The load of that name; undefined when it is none of these. */
export function findLoad(name: string): RunLoad | undefined {
  const [, shape, steps, clients = '1'] = /^(chain|fan|each)-(\d+)(?:-(\d+))?$/.exec(name) ?? []
  return shape === undefined ? undefined : { shape: shape as Shape, steps: Number(steps), clients: Number(clients) }
}
