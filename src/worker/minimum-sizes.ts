import { InvalidError } from '../errors.ts'
import { unitsBy } from './model-resources.ts'
import { isStepPool } from './pool-id.ts'
import type { PoolSettings, ResourceSettings } from './scaling/policy.ts'

/** What is said of pools and of what they share; `find` says what a name of a model stands for. */
export type PoolMinimums = {
  readonly pool: PoolSettings
  readonly pools: { readonly [id: string]: PoolSettings }
  readonly resources: { readonly [name: string]: ResourceSettings }
  find(model: string): string | undefined
}

/** What a pool wants of a resource as long as it is as small as it may be. */
type PoolMinimum = { readonly pool: string; readonly hands: number; readonly units: number }

/**
 * InvalidError where the pools that can only work with something they share are to have more hands at least than there is of it: the smallest sizes
 * together could never be at work. What a pool needs not all the time is not counted: tools of steps take nothing of what models do.
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
  const unitsOf = unitsBy(name, resources[name]!.models)
  const units = Math.min(...models.map((model) => unitsOf(find(model) ?? model) ?? 0))
  if (hands === undefined || isStepPool(id) || models.length === 0 || units === 0) return []
  return [{ pool: id, hands, units: hands * units }]
}

/** What nobody says is no minimum: the machine's gives way. */
function handsOf(own: PoolSettings, all: PoolSettings): number | undefined {
  const { workers, min } = isSized(own) ? own : all
  return workers ?? min
}

const isSized = ({ workers, min, max }: PoolSettings) => [workers, min, max].some((one) => one !== undefined)

function tooMany(name: string, slots: number, all: number, least: readonly PoolMinimum[]): InvalidError {
  const pools = least.map(({ pool, hands }) => `${pool} (${hands})`).join(' and ')
  return new InvalidError(
    `${pools} ${least.length === 1 ? 'takes' : 'take'} ${all} of ${name} at least, and there are ${slots}`,
    {
      place: { path: least.length === 1 ? `pools.${least[0]!.pool}` : 'pools' },
      hint: `Give them a smaller \`min\` or \`workers\`, or \`resources.${name}\` more \`slots\`.`,
    },
  )
}
