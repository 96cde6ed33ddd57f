import { InvalidError } from '../errors.ts'
import { modelUnits } from './call-resources.ts'
import { isStepPool } from './pool-id.ts'
import type { PoolSettings, ResourceSettings } from './scaling/policy.ts'

/** Settings of pools and shared resources. `find` resolves the name of a model. */
export type PoolMinimums = {
  readonly pool: PoolSettings
  readonly pools: { readonly [id: string]: PoolSettings }
  readonly resources: { readonly [name: string]: ResourceSettings }
  find(model: string): string | undefined
}

/** The use of a resource by a pool at its minimum size. */
type PoolMinimum = { readonly pool: string; readonly hands: number; readonly units: number }

/**
 * Checks that the minimum sizes of all pools that permanently need a resource fit into it.
 * Temporary use does not count: a call of a tool is not permanent, and no pool is only for tools.
 * @throws InvalidError if they do not fit
 */
export function checkMinimums(shares: PoolMinimums): void {
  for (const [name, { slots }] of Object.entries(shares.resources)) {
    const least = Object.keys(shares.pools).flatMap((id) => leastOf(id, name, shares))
    const all = least.reduce((sum, { units }) => sum + units, 0)
    if (slots !== undefined && all > slots) throw tooMany(name, slots, all, least)
  }
}

function leastOf(id: string, name: string, { pool, pools, resources, find }: PoolMinimums): readonly PoolMinimum[] {
  const { models = [] } = { ...pool, ...pools[id] }
  const hands = handsOf(pools[id]!, pool)
  const unitsOf = modelUnits(name, resources[name]!)
  const units = Math.min(...models.map((model) => unitsOf(find(model) ?? model) ?? 0))
  if (hands === undefined || isStepPool(id) || models.length === 0 || units === 0) return []
  return [{ pool: id, hands, units: hands * units }]
}

/** Only explicit minimums count: defaults shrink if necessary. */
function handsOf(own: PoolSettings, all: PoolSettings): number | undefined {
  const { workers, min } = isSized(own) ? own : all
  return workers ?? min
}

const isSized = ({ workers, min, max }: PoolSettings) => [workers, min, max].some((one) => one !== undefined)

function tooMany(name: string, slots: number, all: number, least: readonly PoolMinimum[]): InvalidError {
  const pools = least.map(({ pool, hands }) => `${pool} (${hands})`).join(' and ')
  return new InvalidError(
    `${pools} ${least.length === 1 ? 'takes' : 'take'} ${all} of ${name} at least, and there are ${slots}.`,
    {
      place: { path: least.length === 1 ? `pools.${least[0]!.pool}` : 'pools' },
      hint: `Give them a smaller \`min\` or \`workers\`, or \`resources.${name}\` more \`slots\`.`,
    },
  )
}
