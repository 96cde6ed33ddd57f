import { problemOf } from '../../../errors.ts'
import type { PassphraseSource } from '../../../secret/passphrase.ts'
import type { McpServers } from '../../../tool/mcp/port.ts'
import type { Cli } from '../../cli.ts'
import { listenForSignals } from '../../terminal/signals.ts'

/** Uses the configured servers and ends those that it started. `source`: a passphrase besides the environment's. */
export async function withServers(
  cli: Cli,
  use: (servers: McpServers, signal: AbortSignal) => Promise<void>,
  source: Omit<PassphraseSource, 'environment'> = {},
): Promise<number> {
  const { terminal, engine } = cli
  const [{ loadConfig }, { createToolServices }, { runtimeSecrets }, { errorOf }] = await Promise.all([
    import('../../../config/config.ts'),
    import('../../../runtime/services/tool-services.ts'),
    import('../../../runtime/services/secrets.ts'),
    import('../../../errors.ts'),
  ])
  const config = await loadConfig({ folder: terminal.folder, environment: terminal.environment, engine: engine() })
  const secrets = runtimeSecrets(config, source)
  const services = createToolServices(config, secrets, { notice: terminal.say })
  const controller = new AbortController()
  const interruption = listenForSignals(() => process.exit(130))
  void interruption.asked.then(() => controller.abort())
  try {
    await use(await services.mcp(), controller.signal)
    return 0
  } catch (error) {
    // messages of a server may contain its keys
    throw errorOf(await secrets.problem(problemOf(error)))
  } finally {
    interruption.off()
    await services.close()
  }
}
