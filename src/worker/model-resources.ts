import { InvalidError } from '../errors.ts'
import { ownValue } from '../lib/own.ts'
import { type PoolClock, poolClock } from './clock.ts'
import { createSharedResource, type ResourceStats, type SharedResource } from './resources.ts'
import type { ResourceSettings } from './scaling/policy.ts'
import type { Resource } from './worker.ts'

/** The shared resources that model calls use. */
export interface ModelResources {
  /** The resources that one call of a model uses. */
  of(model: string): readonly Resource[]
  /** Pauses the resources of a model's provider for this many ms. */
  hold(model: string, ms: number): void
  stats(): readonly ResourceStats[]
  close(): void
}

/** Resources by name. InvalidError when a model needs more of one than exists. */
export function createModelResources(
  settings: { readonly [name: string]: ResourceSettings },
  clock: PoolClock = poolClock,
): ModelResources {
  const all = Object.entries(settings).map(([name, { models, ...limits }]) => {
    checkUnits(name, models, limits.slots)
    return { shared: createSharedResource(name, limits, clock), unitsOf: unitsBy(name, models) }
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
      throw new InvalidError(`${model} takes ${units} of ${name}, but there are only ${slots}`, {
        place: { path: `resources.${name}` },
      })
}

const takenOf = (shared: SharedResource, units: number | undefined) => (units === undefined ? [] : [shared.of(units)])

/** The units of a resource that a model uses: by its id, else by the longest matching `prefix*`. */
export function unitsBy(name: string, models: Models): (model: string) => number | undefined {
  const units = models === undefined ? { [`${name}/*`]: 1 } : asUnits(models)
  const patterns = Object.keys(units)
    .filter((pattern) => pattern.endsWith('*'))
    .toSorted((a, b) => b.length - a.length)
  return (model) => {
    const pattern = patterns.find((pattern) => model.startsWith(pattern.slice(0, -1)))
    return ownValue(units, model) ?? (pattern === undefined ? undefined : ownValue(units, pattern))
  }
}

function asUnits(models: Models = {}): { readonly [model: string]: number } {
  return isList(models) ? Object.fromEntries(models.map((model) => [model, 1])) : models
}

const isList = (models: NonNullable<Models>): models is readonly string[] => Array.isArray(models)
const providerOf = (model: string) => model.slice(0, Math.max(0, model.indexOf('/')))
