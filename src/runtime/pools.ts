import { MODALITIES } from '../chain/modality.ts'
import { type Phases, serves } from '../chain/registry.ts'
import type { Config } from '../config.ts'
import { InvalidError } from '../errors.ts'
import type { Models } from '../model/models.ts'
import type { Observer } from '../observe/observer.ts'
import { checkMinima } from '../worker/minima.ts'
import { GENERAL, POOL_PHASES, type PoolName, poolId } from '../worker/pool-id.ts'
import { createPools, type Pools } from '../worker/pools.ts'
import { machineOf } from './machine.ts'
import { observedPool } from './observed.ts'

/** What works for the steps of pipelines. */
export const STEPS: PoolName = { phase: 'step', modality: 'text' }

/** The pools of a runtime: those that are configured, and one for each phase of what its phases take. */
export function runtimePools(
  config: Config,
  phases: Phases,
  { offersOf }: Pick<Models, 'offersOf'>,
  observer: Observer,
): Pools {
  const { topology, policy } = machineOf(config)
  const { pools = {}, resources } = config
  const known = new Set([poolId(STEPS), ...Object.keys(pools), ...idsFor(phases)])
  return createPools({
    policy,
    exists: (id) => known.has(id),
    cores: topology.cores,
    offersOf,
    ...(resources && { resources }),
    dress: (pool) => observedPool(pool, observer),
  })
}

function idsFor(phases: Phases): readonly string[] {
  const served = MODALITIES.filter((modality) => serves(phases, modality))
  return served.flatMap((modality) =>
    POOL_PHASES.filter((phase) => phase !== STEPS.phase).map((phase) => poolId({ phase, modality, domain: GENERAL })),
  )
}

/** InvalidError for a model that pools are to ask and nobody knows. */
export function checkPoolModels({ pool, pools = {} }: Config, { resolve }: Pick<Models, 'resolve'>): void {
  const settings = [['pool', pool] as const, ...Object.entries(pools).map(([id, own]) => [`pools.${id}`, own] as const)]
  for (const [path, { models = [] }] of settings)
    for (const model of models) checkModel(model, `${path}.models`, resolve)
}

/** InvalidError where pools are to be larger, all of them together, than what they share lets them be. */
export function checkPoolMinima({ pool, pools = {}, resources = {} }: Config, { find }: Pick<Models, 'find'>): void {
  checkMinima({ pool, pools, resources, find })
}

function checkModel(model: string, path: string, resolve: Models['resolve']): void {
  try {
    resolve(model)
  } catch (cause) {
    throw new InvalidError(`\`${path}\`: ${(cause as Error).message}`, { place: { path }, cause })
  }
}
