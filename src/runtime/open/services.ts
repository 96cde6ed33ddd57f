import { getHeapStatistics } from 'node:v8'
import { allAgents, openAgents, toolsOfAgents } from '../../agent/room/agents/code-agents.ts'
import { loadPhases, withOwnPhases } from '../../chain/define/load-phases.ts'
import { createPhases } from '../../chain/phases/registry.ts'
import { createLimits } from '../../chain/protocol/limits.ts'
import { limitsOf } from '../../chain/settings.ts'
import type { Config } from '../../config/config.ts'
import { createReplyCache } from '../../model/pool/reply-cache.ts'
import { createModels, type OwnModels } from '../../model/registry.ts'
import type { Observer } from '../../observe/observer.ts'
import { checkStrategies } from '../../pipeline/plan/strategy.ts'
import { hasSecrets } from '../../secret/store.ts'
import { type BlobStore, withDiskReserve } from '../../store/blobs/blob-store.ts'
import { createBlobs, type ManagedBlobs } from '../../store/blobs/blobs.ts'
import { type ByteSemaphore, createByteSemaphore } from '../../store/blobs/byte-semaphore.ts'
import { folderStore } from '../../store/blobs/folder-store.ts'
import { openSharedStore } from '../../store/blobs/shared-store.ts'
import type { DiskSpaceWatch } from '../../store/data-folder/disk-space.ts'
import { placesIn, startsOf } from '../../store/data-folder/layout.ts'
import { openStartTimes } from '../../store/files/start-times.ts'
import { observedModels, observedTools } from '../../telemetry/instrument.ts'
import { importsIn } from '../../tool/loaded/imported-files.ts'
import { checkApprove } from '../../work/approval/check-approve.ts'
import { probeMachine } from '../../worker/scaling/machine-probe.ts'
import { topologyOf } from '../../worker/scaling/topology.ts'
import { runtimeCache } from '../services/cache.ts'
import { configuredDomains } from '../services/domains.ts'
import { programsOf } from '../services/files/media-programs.ts'
import { loadedFiles } from '../services/loaded-files.ts'
import { checkPoolMinima, checkPoolModels, checkResources, poolDomains, runtimePools } from '../services/pools.ts'
import { openRules } from '../services/rules.ts'
import type { RuntimeSecrets } from '../services/secrets.ts'
import { resourcesWithTools } from '../services/tool-resources.ts'
import { createToolServices } from '../services/tool-services.ts'
import { loadToolbox, replacedTools } from '../services/toolbox.ts'
import type { InternalParts } from './parts.ts'

/** The parts of a runtime, with the secrets of its data folder. */
export type ComposedParts = InternalParts & { readonly secrets: RuntimeSecrets }
export type Services = Awaited<ReturnType<typeof createServices>>
/** Opens the services of steps and phases: tools, values, models, the cache and the pools. */
export async function createServices(config: Config, parts: ComposedParts, observer: Observer, space: DiskSpaceWatch) {
  const { data, environment, restate } = config
  const ofProgram = (parts.phases ?? []).map((phase) => ({ phase, origin: {} }))
  const ownPhases = [...(await loadPhases(config.phases ?? [], config.folder, importsIn(config.folder))), ...ofProgram]
  const phases = withOwnPhases(createPhases(), ownPhases, createLimits(limitsOf(config.chain)))
  const agents = allAgents(parts.agents ?? [])
  const rules = await openRules(config, parts.around, agents, parts.workflows)
  const program = [...toolsOfAgents(agents), ...(parts.tools ?? [])]
  const toolbox = observedTools(replacedTools(await loadToolbox(config, program), parts.replaceTools), observer)
  checkApprove(config, toolbox)
  const { shared } = restate ?? {}
  const store =
    shared === undefined
      ? withDiskReserve(folderStore(placesIn(data).blobs), space)
      : openSharedStore(shared, environment, placesIn(data).blobs)
  const cache = runtimeCache(config, parts.secrets.shown)
  const replies = createReplyCache(config, cache.open, config.cache?.ttl)
  const models = createModels(
    { ...config, secrets: hasSecrets(data) },
    environment,
    parts.models as OwnModels | undefined,
    parts.secrets,
    parts.notice,
  )
  checkPoolModels(config, models)
  checkResources(config, models)
  const resources = resourcesWithTools(config, toolbox)
  checkPoolMinima(config, models)
  const { folder } = config
  return {
    toolbox,
    rules,
    strategies: checkStrategies(parts.strategies),
    agents: await openAgents(agents, { folder, toolbox, models, notice: parts.notice }),
    toolServices: createToolServices(config, parts.secrets, { providers: parts.sandboxes, notice: parts.notice }),
    programs: programsOf(config, parts.sandboxes),
    store,
    loaded: loadedFiles(config),
    ...openValues(store),
    models: { ...observedModels(models, observer), replies, formIn: (pool: string) => config.pools?.[pool]?.form },
    cache,
    phases,
    domains: poolDomains(config),
    ...(await configuredDomains(config, models, toolbox)),
    pools: runtimePools(
      { ...config, ...(resources && { resources }) },
      phases,
      models,
      observer,
      (resource, perMinute) => openStartTimes(startsOf(data, resource), perMinute),
    ),
  }
}

/** Maximum bytes of values in use, if there is enough memory. */
const MAX_VALUE_BYTES = 256 * 1024 * 1024

/** Bytes of values that may be in use: 256 MiB, or a quarter of the memory of this process if that is less. */
function bytesForValues(): number {
  const { memory } = topologyOf(probeMachine())
  return Math.min(MAX_VALUE_BYTES, memory / 4, getHeapStatistics().heap_size_limit / 4)
}

/** The values of a store, and the gate for steps that read them. Values that are being written have their own gate. */
function openValues(store: BlobStore): { readonly values: ManagedBlobs; readonly gate: ByteSemaphore } {
  const bytes = bytesForValues()
  return { values: createBlobs(store, createByteSemaphore(bytes / 4)), gate: createByteSemaphore((bytes * 3) / 4) }
}
