import { createPhases, registerPhase } from '../../chain/phases/registry.ts'
import type { PhaseRegistry } from '../../chain/protocol/phase.ts'
import type { Config } from '../../config/config.ts'
import { createReplyCache } from '../../model/pool/reply-cache.ts'
import { createModels, type OwnModels } from '../../model/registry.ts'
import type { Observer } from '../../observe/observer.ts'
import { hasSecrets } from '../../secret/store.ts'
import { withDiskReserve } from '../../store/blobs/blob-store.ts'
import { folderStore } from '../../store/blobs/folder-store.ts'
import { openSharedStore } from '../../store/blobs/shared-store.ts'
import type { DiskSpaceWatch } from '../../store/data-folder/disk-space.ts'
import { openStartTimes } from '../../store/files/start-times.ts'
import { placesIn, startsOf } from '../data-folder/layout.ts'
import { loadedFiles } from '../loaded/loaded-files.ts'
import { runtimeCache } from '../services/cache.ts'
import { checkPoolMinima, checkPoolModels, checkResources, poolDomains, runtimePools } from '../services/pools.ts'
import type { RuntimeSecrets } from '../services/secrets.ts'
import { resourcesWithTools } from '../services/tool-resources.ts'
import { createToolServices } from '../services/tool-services.ts'
import { checkApprove, loadToolbox } from '../services/toolbox.ts'
import { openValues } from '../services/values.ts'
import { observedModels, observedTools } from '../telemetry/instrument.ts'
import type { InternalParts } from './parts.ts'

/** The parts of a runtime, with the secrets of its data folder. */
export type ComposedParts = InternalParts & { readonly secrets: RuntimeSecrets }
export type Services = Awaited<ReturnType<typeof createServices>>
/** Opens the services of steps and phases: tools, values, models, the cache and the pools. */
export async function createServices(config: Config, parts: ComposedParts, observer: Observer, room: DiskSpaceWatch) {
  const { data, environment, restate } = config
  const phases = (parts.phases ?? []).reduce<PhaseRegistry>(registerPhase, createPhases())
  const toolbox = observedTools(await loadToolbox(config), observer)
  checkApprove(config, toolbox)
  const { shared } = restate ?? {}
  const store =
    shared === undefined
      ? withDiskReserve(folderStore(placesIn(data).blobs), room)
      : openSharedStore(shared, environment)
  const cache = runtimeCache(config)
  const kept = createReplyCache(config, cache.open, config.cache?.ttl)
  const models = createModels(
    { ...config, secrets: hasSecrets(data) },
    environment,
    parts.models as OwnModels | undefined,
    parts.secrets,
  )
  checkPoolModels(config, models)
  checkResources(config, models)
  const resources = resourcesWithTools(config, toolbox)
  checkPoolMinima(config, models)
  return {
    toolbox,
    toolServices: createToolServices(config, parts.secrets, { providers: parts.sandboxes, notice: parts.notice }),
    store,
    loaded: loadedFiles(config),
    ...openValues(store),
    models: { ...observedModels(models, observer), kept, formIn: (pool: string) => config.pools?.[pool]?.form },
    cache,
    phases,
    domains: poolDomains(config),
    pools: runtimePools(
      { ...config, ...(resources && { resources }) },
      phases,
      models,
      observer,
      (resource, perMinute) => openStartTimes(startsOf(data, resource), perMinute),
    ),
  }
}
