import type { Models } from '../../model/models.ts'
import { hasSecrets } from '../../secret/store.ts'
import type { WorkPool } from '../../worker/work-pool.ts'
import type { Cli } from '../cli.ts'
import { formatDuration } from '../terminal/format.ts'

/** ms after which a model counts as silent: a server on this machine may have to load it first. */
const MODEL_TIMEOUT_MS = 60_000
/** Errors of a model that was reached and has answered. */
const ANSWERED_CODES = ['model_empty_output', 'model_truncated_output', 'model_malformed_call', 'model_filtered']
const REQUEST = { task: { kind: 'write' }, documents: [], instruction: 'Say OK.', maxTokens: 16 } as const

/**
 * Makes one short call of the model that this folder configures, as a run does, and
 * reports its duration. Throws the error of the call. `id` is the default model of
 * a running process: if a program provides it, it cannot be called from here.
 */
export async function callModelOnce(cli: Cli, data: string | undefined, id: string): Promise<string> {
  const { generateInPool } = await import('../../model/pool/generate-in-pool.ts')
  return withModels(cli, data, async (models, pool) => {
    if (models.default.id !== id) return `not called, because ${models.default.id} is configured here`
    const begun = performance.now()
    const task = { signal: new AbortController().signal, limit: () => ({ ms: MODEL_TIMEOUT_MS, what: 'the model' }) }
    await generateInPool(pool, models, REQUEST, task).catch((error: unknown) => {
      if (!ANSWERED_CODES.includes(String((error as { readonly code?: unknown }).code))) throw error
    })
    return `it answered in ${formatDuration(performance.now() - begun)}`
  })
}

type Use = (models: Models, pool: WorkPool) => Promise<string>

async function withModels(cli: Cli, data: string | undefined, use: Use): Promise<string> {
  const [
    { loadConfig },
    { createModels },
    { runtimeSecrets },
    { runtimePools, STEPS },
    { createPhases },
    { NOOP_OBSERVER },
  ] = await Promise.all([
    import('../../config/config.ts'),
    import('../../model/registry.ts'),
    import('../../runtime/services/secrets.ts'),
    import('../../runtime/services/pools.ts'),
    import('../../chain/phases/registry.ts'),
    import('../../observe/observer.ts'),
  ])
  const { folder, environment } = cli.terminal
  const config = await loadConfig({ folder, environment, engine: cli.engine(), ...(data !== undefined && { data }) })
  const settings = { ...config, embedder: 'none' as const, secrets: hasSecrets(config.data) }
  const models = createModels(settings, environment, {}, runtimeSecrets(config))
  const pools = runtimePools(config, createPhases(), models, NOOP_OBSERVER)
  try {
    return await use(models, pools.find(STEPS).pool)
  } finally {
    await pools.close()
    await models.close()
  }
}
