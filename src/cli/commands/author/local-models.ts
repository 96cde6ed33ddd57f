import type { Config } from '../../../config/config.ts'
import type { Models } from '../../../model/models.ts'
import { hasSecrets } from '../../../secret/store.ts'
import type { Cli } from '../../cli.ts'

/** Uses the models of the configuration where this command runs; none is called. */
export async function withModels<T>(
  { terminal, engine }: Cli,
  look: (models: Models, config: Config) => T | Promise<T>,
): Promise<T> {
  const [{ loadConfig }, { createModels }] = await Promise.all([
    import('../../../config/config.ts'),
    import('../../../model/registry.ts'),
  ])
  const { folder, environment } = terminal
  const config = await loadConfig({ folder, environment, engine: engine() })
  const models = createModels({ ...config, embedder: 'none', secrets: hasSecrets(config.data) }, environment)
  try {
    return await look(models, config)
  } finally {
    await models.close()
  }
}
