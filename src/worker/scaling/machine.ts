import { type PoolSizes, sizesOf } from './default-sizes.ts'
import { probeMachine } from './machine-probe.ts'
import { type PoolPolicy, type PoolSettings, policyOf } from './policy.ts'
import { type Topology, topologyOf } from './topology.ts'

/** The machine of a runtime, the sizes that follow from it, and the resulting policies of its pools. */
export type MachineFound = {
  readonly topology: Topology
  readonly sizes: PoolSizes
  policy(pool: string): PoolPolicy
}

/** The settings that determine the sizes of pools. */
export type MachineSettings = {
  readonly environment?: { readonly [name: string]: string | undefined }
  readonly cores?: Parameters<typeof topologyOf>[1]
  /** the settings of all pools, and of some by their ids */
  readonly pool?: PoolSettings
  readonly pools?: { readonly [id: string]: PoolSettings }
}

/** Inspects this machine. ANTIPHON_CORES overrides the configuration, which overrides the inspection. */
export function machineOf({ environment = {}, cores, pool = {}, pools = {} }: MachineSettings): MachineFound {
  const topology = topologyOf(probeMachine(), environment.ANTIPHON_CORES || cores)
  const sizes = sizesOf(topology)
  return { topology, sizes, policy: (id) => policyOf(pools[id] ?? {}, pool, sizes.actions) }
}
