import { InvalidError } from '../../errors.ts'

/** Raw data about a machine. Sizes in bytes. */
export type MachineLimits = {
  /** cores that the scheduler allows for this process, including affinity */
  readonly parallelism: number
  /** cores that the control groups allow, from this process's own group up to the root */
  readonly quotas: readonly number[]
  readonly memory: number
  /** memory limits of control groups and the system */
  readonly memoryLimits: readonly number[]
  /** threads that share a core, if known */
  readonly threadsPerCore?: number
}

/** Usable resources. */
export type Topology = {
  /** whole cores, at least one: all sizes derive from this */
  readonly cores: number
  /** explains the number of cores */
  readonly why: string
  /** physical cores, at least one; equal to `cores` if unknown */
  readonly physical: number
  /** bytes */
  readonly memory: number
}

/** The resources that this process may use. `said` overrides the detected cores; InvalidError for another text. */
export function topologyOf(machine: MachineLimits, said?: string | number): Topology {
  const { cores, why } = said === undefined || said === '' ? coresOf(machine) : saidCores(said)
  const physical = Math.max(1, Math.floor(cores / (machine.threadsPerCore ?? 1)))
  return { cores, why, physical, memory: memoryOf(machine) }
}

const MAX_CORES = 4096

/** A fraction is the share of a core that a container is given. It rounds down, as a quota does. */
function saidCores(said: string | number) {
  const cores = Number(said)
  if (cores > 0 && cores <= MAX_CORES)
    return { cores: Math.max(1, Math.floor(cores)), why: Number.isInteger(cores) ? 'as it is set' : `set to ${cores}` }
  throw new InvalidError(`Expected a number of cores, got ${String(said)}.`, {
    hint: `ANTIPHON_CORES must be a number above 0 and up to ${MAX_CORES}; a fraction such as 0.5 is allowed.`,
    place: { path: 'cores' },
  })
}

/** Keeps the fraction of a quota until the minimum is known, then rounds. */
function coresOf({ parallelism, quotas }: MachineLimits) {
  const quota = Math.min(...quotas.filter(isSane))
  if (quota >= parallelism) return { cores: Math.max(1, parallelism), why: `${parallelism} usable` }
  const cores = Math.max(1, Math.floor(quota))
  return { cores, why: `${parallelism} usable, of which a quota gives the time of ${Number(quota.toFixed(2))}` }
}

/** A limit that no machine can reach counts as no limit. */
const memoryOf = ({ memory, memoryLimits }: MachineLimits): number => Math.min(memory, ...memoryLimits.filter(isSane))

const isSane = (amount: number) => Number.isFinite(amount) && amount > 0
