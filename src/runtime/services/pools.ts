import { servedModalities } from '../../chain/phases/registry.ts'
import type { PhaseRegistry } from '../../chain/protocol/phase.ts'
import type { Config } from '../../config/config.ts'
import type { Clock } from '../../engine/engine.ts'
import { InvalidError } from '../../errors.ts'
import { nearestWord } from '../../lib/suggest.ts'
import type { Models } from '../../model/models.ts'
import { PROVIDER_TYPES } from '../../model/provider/provider-types.ts'
import type { Observer } from '../../observe/observer.ts'
import { observedPool } from '../../telemetry/instrument.ts'
import { DEFAULT_PATIENCE_MS } from '../../work/provider-wait.ts'
import { type KeepStarts, modelNames } from '../../worker/call-resources.ts'
import { checkMinimums } from '../../worker/minimum-sizes.ts'
import { domainsIn, GENERAL_DOMAIN, modalityOfPool, POOL_PHASES, type PoolName, poolId } from '../../worker/pool-id.ts'
import { createPools, type Pools } from '../../worker/pools.ts'
import { machineOf } from '../../worker/scaling/machine.ts'
import type { PoolDocument, PoolsDocument } from '../ports/maintenance.ts'

export const STEPS: PoolName = { phase: 'step', modality: 'text' }

/** The pools of a runtime: configured ones, and one per phase and modality. `keepStarts`: for the folder's owner. */
export function runtimePools(
  config: Config,
  phases: PhaseRegistry,
  { offersOf }: Pick<Models, 'offersOf'>,
  observer: Observer,
  keepStarts?: KeepStarts,
): Pools {
  const { topology, policy } = machineOf(config)
  const { pools = {}, resources } = config
  checkModalities(Object.keys(pools), servedModalities(phases))
  const known = new Set([poolId(STEPS), ...Object.keys(pools), ...idsFor(phases)])
  return createPools({
    policy,
    exists: (id) => known.has(id),
    cores: topology.cores,
    offersOf,
    ...(resources && { resources }),
    ...(keepStarts && { keepStarts }),
    dress: (pool) => observedPool(pool, observer),
  })
}

/** How long work waits for the provider of a model, by its pool, and the clock by which it waits. */
export function patienceOf({ pool, pools = {}, patience }: Config, { now }: Pick<Clock, 'now'>) {
  const standard = pool.patience ?? patience
  const limitOf = (id: string) => pools[id]?.patience ?? standard
  return {
    of(id: string) {
      const seconds = limitOf(id)
      return seconds === undefined ? DEFAULT_PATIENCE_MS : seconds * 1000
    },
    now,
  }
}

/** The domains of questions that have their own pool. */
export const poolDomains = ({ pools = {} }: Pick<Config, 'pools'>) => domainsIn(Object.keys(pools))

/** A pool of a modality that no phase has would serve nothing. */
function checkModalities(ids: readonly string[], served: readonly string[]): void {
  const id = ids.find((one) => !served.includes(modalityOfPool(one)!))
  if (id === undefined) return
  throw new InvalidError(`\`pools.${id}\` serves ${modalityOfPool(id)}, and no phase has that modality.`, {
    place: { path: `pools.${id}` },
    hint: `The modalities are ${served.join(', ')}. A phase under \`phases:\` may bring another one.`,
  })
}

function idsFor(phases: PhaseRegistry): readonly string[] {
  return servedModalities(phases).flatMap((modality) =>
    POOL_PHASES.filter((phase) => phase !== STEPS.phase).map((phase) =>
      poolId({ phase, modality, domain: GENERAL_DOMAIN }),
    ),
  )
}

/** InvalidError for an unknown model in the configuration of a pool. */
export function checkPoolModels({ pool, pools = {} }: Config, { resolve }: Pick<Models, 'resolve'>): void {
  const settings = [['pool', pool] as const, ...Object.entries(pools).map(([id, own]) => [`pools.${id}`, own] as const)]
  for (const [path, { models = [] }] of settings)
    for (const model of models) checkModel(model, `${path}.models`, resolve)
}

/** @throws InvalidError if the minimum sizes of pools exceed a shared resource */
export function checkPoolMinima({ pool, pools = {}, resources = {} }: Config, { find }: Pick<Models, 'find'>): void {
  checkMinimums({ pool, pools, resources, find })
}

/** InvalidError for a shared resource of pools that names a model which no provider has: it would limit nothing. */
export function checkResources({ resources = {}, providers }: Config, { list }: Pick<Models, 'list'>): void {
  const listed = list().map(({ id }) => id.slice(0, id.indexOf('/')))
  const known = [...new Set([...Object.keys(PROVIDER_TYPES), ...Object.keys(providers), ...listed])]
  for (const [name, users] of Object.entries(resources)) {
    const unknown = modelNames(name, users).find((model) => !known.some((provider) => isOf(provider, model)))
    if (unknown !== undefined) throw nobodys(name, unknown, known)
  }
}

/** Whether a model, or a prefix of models such as `lab/*`, may belong to that provider. */
function isOf(provider: string, model: string): boolean {
  const whole = `${provider}/`
  return model.startsWith(whole) || (model.endsWith('*') && whole.startsWith(model.slice(0, -1)))
}

function nobodys(name: string, model: string, known: readonly string[]): InvalidError {
  const provider = model.split('/')[0]!
  const meant = nearestWord(provider, known)
  const hint = `The providers are ${known.join(', ')}. Name what uses anything else under \`models:\`, as provider/name, or under \`tools:\`.`
  return new InvalidError(`\`resources.${name}\`: there is no provider ${provider}.`, {
    place: { path: `resources.${name}` },
    hint: meant === undefined ? hint : `Did you mean ${meant}?`,
  })
}

/** InvalidError for an unknown model at this path of the configuration. */
export function checkModel(model: string, path: string, resolve: Models['resolve']): void {
  try {
    resolve(model)
  } catch (cause) {
    throw new InvalidError(`\`${path}\`: ${(cause as Error).message}`, { place: { path }, cause })
  }
}

export function describePools(pools: Pools): PoolsDocument {
  return { items: pools.all().map((pool) => documentOf(pool.report())), resources: pools.resources() }
}

function documentOf({ last, ...report }: PoolDocument): PoolDocument {
  return { ...report, ...(last && { last: { ...last, at: Math.round(performance.timeOrigin + last.at) } }) }
}
