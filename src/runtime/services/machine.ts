import type { Config } from '../../config/config.ts'
import { type PoolSizes, sizesOf } from '../../worker/scaling/default-sizes.ts'
import { probeMachine } from '../../worker/scaling/machine-probe.ts'
import { type PoolPolicy, policyOf } from '../../worker/scaling/policy.ts'
import { type Topology, topologyOf } from '../../worker/scaling/topology.ts'

/** The machine of a runtime, the sizes that follow from it, and the resulting policies of its pools. */
export type MachineFound = {
  readonly topology: Topology
  readonly sizes: PoolSizes
  policy(pool: string): PoolPolicy
}

/** The settings that determine the sizes of pools. */
export type MachineSettings = Partial<Pick<Config, 'environment' | 'cores' | 'pool' | 'pools'>>

/** Inspects this machine. ANTIPHON_CORES overrides the configuration, which overrides the inspection. */
export function machineOf({ environment = {}, cores, pool = {}, pools = {} }: MachineSettings): MachineFound {
  const topology = topologyOf(probeMachine(), environment.ANTIPHON_CORES || cores)
  const sizes = sizesOf(topology)
  return { topology, sizes, policy: (id) => policyOf(pools[id] ?? {}, pool, sizes.actions) }
}
