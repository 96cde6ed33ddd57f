import { InvalidError } from '../errors.ts'
import { ownValue } from '../lib/own.ts'
import { type PoolClock, poolClock } from './clock.ts'
import type { ResourceStats } from './report.ts'
import { createSharedResource, type KeptStarts, type SharedResource } from './resources.ts'
import type { ResourceSettings } from './scaling/policy.ts'
import type { Resource } from './worker.ts'

/** The shared resources that calls of models and tools use. */
export interface CallResources {
  /** The resources that one call of a model uses. */
  of(model: string): readonly Resource[]
  /** Whether a call of any tool uses one. */
  readonly limitsTools: boolean
  /** The use by one call of a tool, which rules may name in these ways. Undefined: it uses none. */
  ofTool(names: readonly string[]): ToolUse | undefined
  /** The use by one step of a workflow that names this resource. InvalidError if it has none for steps. */
  ofStep(resource: string): ToolUse
  /** Pauses the resources of a model's provider for this many ms. */
  hold(model: string, ms: number): void
  stats(): readonly ResourceStats[]
  close(): void
}

/** The resources that a call of a tool uses, and a name for them, such as `api` or `api and gpu (2)`. */
export type ToolUse = { readonly name: string; readonly resources: readonly Resource[] }

/** Opens the starts of the last minute of a resource, which were kept by earlier processes. */
export type KeepStarts = (resource: string, perMinute: number) => KeptStarts

/** Resources by name. InvalidError when a model or a tool needs more of one than exists. */
export function createCallResources(
  settings: { readonly [name: string]: ResourceSettings },
  clock: PoolClock = poolClock,
  keepStarts?: KeepStarts,
): CallResources {
  const all = Object.entries(settings).map(([name, resource]) => {
    const { models, tools, steps = false, ...limits } = resource
    for (const units of [models, tools]) checkUnits(name, units, limits.slots)
    const starts = limits.perMinute === undefined ? undefined : keepStarts?.(name, limits.perMinute)
    return {
      shared: createSharedResource(name, limits, clock, starts),
      ofModel: modelUnits(name, resource),
      ofTool: unitsBy(tools),
      steps,
    }
  })
  return {
    of: (model) => all.flatMap(({ shared, ofModel }) => takenOf(shared, ofModel(model))),
    limitsTools: Object.values(settings).some(({ tools }) => tools !== undefined),
    ofTool(names) {
      const used = all.flatMap(({ shared, ofTool }) => {
        const units = ofTool(...names)
        return units === undefined ? [] : [{ shared, units }]
      })
      if (used.length === 0) return undefined
      return {
        name: used.map(({ shared: { id }, units }) => (units === 1 ? id : `${id} (${units})`)).join(' and '),
        resources: used.map(({ shared, units }) => shared.of(units)),
      }
    },
    ofStep(resource) {
      const found = all.find(({ shared, steps }) => steps && shared.id === resource)
      if (!found) throw noStepResource(resource, settings)
      return { name: resource, resources: [found.shared.of(1)] }
    },
    hold(model, ms) {
      for (const { shared } of all) if (shared.id === providerOf(model)) shared.hold(ms)
    },
    stats: () => all.map(({ shared }) => shared.stats()),
    close() {
      for (const { shared } of all) shared.close()
    },
  }
}

type Units = ResourceSettings['models'] | ResourceSettings['tools']

function checkUnits(name: string, given: Units, slots = Number.POSITIVE_INFINITY): void {
  for (const [user, units] of Object.entries(asUnits(given)))
    if (units > slots)
      throw new InvalidError(`${user} takes ${units} of ${name}, but there are only ${slots}.`, {
        place: { path: `resources.${name}` },
      })
}

const takenOf = (shared: SharedResource, units: number | undefined) => (units === undefined ? [] : [shared.of(units)])

export const modelUnits = (name: string, users: Users) => unitsBy(modelsOf(name, users))

/** The names and patterns of the models that use a resource. */
export const modelNames = (name: string, users: Users) => Object.keys(asUnits(modelsOf(name, users)))

type Users = Pick<ResourceSettings, 'models' | 'tools' | 'steps'>

/** A resource that says nothing of its users serves the provider of its name. */
const modelsOf = (name: string, { models, tools, steps }: Users) =>
  models ?? (tools || steps ? undefined : [`${name}/*`])

function noStepResource(name: string, settings: { readonly [name: string]: ResourceSettings }): InvalidError {
  const others = Object.keys(settings).filter((one) => settings[one]!.steps)
  const names = others.length === 0 ? '' : ` Resources for steps: ${others.join(', ')}.`
  return new InvalidError(`There is no resource ${name} for steps of workflows.${names}`, {
    hint: `Add it to antiphon.yaml, such as resources: { ${name}: { slots: 4, steps: true } }`,
  })
}

/** The units by name: by the first name that is written out, else by the longest matching `prefix*`. */
function unitsBy(given: Units): (...names: readonly string[]) => number | undefined {
  const units = asUnits(given)
  const patterns = Object.keys(units)
    .filter((pattern) => pattern.endsWith('*'))
    .toSorted((a, b) => b.length - a.length)
  return (...names) => {
    const exact = names.find((name) => ownValue(units, name) !== undefined)
    const meant = exact ?? patterns.find((pattern) => names.some((name) => name.startsWith(pattern.slice(0, -1))))
    return meant === undefined ? undefined : ownValue(units, meant)
  }
}

/** The units under other names; `read` gets each name, and its place or itself. */
export function renameUnits(
  given: NonNullable<Units>,
  read: (name: string, key: string | number) => string,
): NonNullable<Units> {
  if (isList(given)) return given.map(read)
  return Object.fromEntries(Object.entries(given).map(([name, units]) => [read(name, name), units]))
}

function asUnits(given: Units = {}): { readonly [name: string]: number } {
  return isList(given) ? Object.fromEntries(given.map((name) => [name, 1])) : given
}

const isList = (given: NonNullable<Units>): given is readonly string[] => Array.isArray(given)
const providerOf = (model: string) => model.slice(0, Math.max(0, model.indexOf('/')))
