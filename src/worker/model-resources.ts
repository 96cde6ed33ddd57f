import { InvalidError } from '../errors.ts'
import { type PoolClock, poolClock } from './clock.ts'
import { createShared, type ResourceStats, type Shared } from './resources.ts'
import type { ResourceSettings } from './scaling/policy.ts'
import type { Resource } from './worker.ts'

/** What models take of what pools share. */
export interface Takings {
  /** What one call of a model takes. */
  of(model: string): readonly Resource[]
  /** The provider of a model refuses calls for so many ms: whatever has the provider's name is held. */
  hold(model: string, ms: number): void
  stats(): readonly ResourceStats[]
  close(): void
}

/** Resources by name; InvalidError when a model is to take more of one than there is. */
export function createTakings(
  settings: { readonly [name: string]: ResourceSettings },
  clock: PoolClock = poolClock,
): Takings {
  const all = Object.entries(settings).map(([name, { models, ...limits }]) => {
    checkUnits(name, models, limits.slots)
    return { shared: createShared(name, limits, clock), unitsOf: unitsBy(name, models) }
  })
  return {
    of: (model) => all.flatMap(({ shared, unitsOf }) => takenOf(shared, unitsOf(model))),
    hold(model, ms) {
      for (const { shared } of all) if (shared.id === providerOf(model)) shared.hold(ms)
    },
    stats: () => all.map(({ shared }) => shared.stats()),
    close() {
      for (const { shared } of all) shared.close()
    },
  }
}

type Models = ResourceSettings['models']

function checkUnits(name: string, models: Models, slots = Number.POSITIVE_INFINITY): void {
  for (const [model, units] of Object.entries(asUnits(models)))
    if (units > slots)
      throw new InvalidError(`${model} takes ${units} of ${name}, and there are ${slots}`, {
        place: { path: `resources.${name}` },
      })
}

const takenOf = (shared: Shared, units: number | undefined) => (units === undefined ? [] : [shared.of(units)])

/** What a model takes of a resource: by its id, else by the longest `beginning*` that it has. */
export function unitsBy(name: string, models: Models): (model: string) => number | undefined {
  const units = models === undefined ? { [`${name}/*`]: 1 } : asUnits(models)
  const patterns = Object.keys(units)
    .filter((pattern) => pattern.endsWith('*'))
    .toSorted((a, b) => b.length - a.length)
  return (model) => {
    const pattern = patterns.find((pattern) => model.startsWith(pattern.slice(0, -1)))
    return units[model] ?? (pattern === undefined ? undefined : units[pattern])
  }
}

function asUnits(models: Models = {}): { readonly [model: string]: number } {
  return isList(models) ? Object.fromEntries(models.map((model) => [model, 1])) : models
}

const isList = (models: NonNullable<Models>): models is readonly string[] => Array.isArray(models)
const providerOf = (model: string) => model.slice(0, Math.max(0, model.indexOf('/')))
