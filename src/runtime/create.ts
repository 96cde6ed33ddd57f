import { join } from 'node:path'
import { chainActors } from '../chain/chain.ts'
import type { Config } from '../config.ts'
import { libsqlEngine } from '../engine/libsql/engine.ts'
import { SCHEMA, STATEMENTS } from '../engine/libsql/schema.ts'
import { offlineEmbedder } from '../model/embed.ts'
import { createModels } from '../model/registry.ts'
import { pipelineActors } from '../pipeline/actors.ts'
import type { Runtime } from '../runtime.ts'
import { openBlobs } from '../store/blobs.ts'
import { type Database, type DatabaseOptions, openDatabase } from '../store/database.ts'
import { makeFolder } from '../store/durable.ts'
import { builtinTools } from '../tool/builtin/tools.ts'
import { loadPlugins } from '../tool/plugins.ts'
import { createToolbox } from '../tool/toolbox.ts'
import { createPool } from '../worker/pool.ts'
import { createActivity } from './activity.ts'
import { runtimeAsks } from './asks.ts'
import { readText } from './read-text.ts'
import { runtimeRuns } from './runs.ts'

/** Parts a runtime may be made with other than its own. */
export type RuntimeParts = { readonly openDatabase?: (options: DatabaseOptions) => Promise<Database> }

/** Opens the data folder, which must be this process's; takes up nothing that an earlier process left. */
export async function createRuntime(config: Config, parts: RuntimeParts = {}): Promise<Runtime> {
  const { data, folder: root, roots } = config
  const startedAt = Date.now()
  const plugins = await loadPlugins(config.plugins, root)
  const toolbox = createToolbox([...builtinTools, ...plugins])
  const models = createModels(config, config.environment)
  const embedder = config.embedder === 'none' ? undefined : offlineEmbedder()
  await makeFolder(data)
  const values = openBlobs(join(data, 'blobs'))
  const pool = createPool({ id: 'text_step_pool', ...config.pool })
  const phasePool = createPool({ id: 'text_phase_pool', ...config.pool })
  const open = parts.openDatabase ?? openDatabase
  const path = join(data, 'engine.db')
  const database = await open({ path, schema: SCHEMA, statements: STATEMENTS, synchronous: 'FULL' })
  const activity = createActivity()
  const engine = libsqlEngine({
    database,
    onFailed: activity.fail,
    actors: [
      ...pipelineActors({
        values,
        readParts: (of, page) => engine.view.parts(of, page),
        toolbox,
        models,
        pool,
        root,
        roots,
      }),
      ...chainActors({ models, pool: phasePool, readFile: readText, ...(embedder && { embedder }) }),
    ],
  })
  let stopped: Promise<void> | undefined

  async function stop(grace: number | undefined): Promise<void> {
    await engine.stop(grace === undefined ? {} : { grace })
    await Promise.all([pool.close(), phasePool.close(), models.close(), embedder?.close()])
    activity.end()
  }

  return {
    data,
    engine,
    ...runtimeRuns({ engine, values, toolbox, activity }),
    ...runtimeAsks({ engine, activity }),
    deltas: engine.view.deltas,
    status: () => ({
      pid: process.pid,
      startedAt,
      data,
      model: models.default,
      engine: engine.counts,
      pools: [pool.stats(), phasePool.stats()],
      active: activity.ids(),
    }),
    idle: activity.idle,
    stop({ grace } = {}) {
      stopped ??= stop(grace)
      return stopped
    },
  }
}
