import type { Config } from '../../config/config.ts'
import type { CallSecrets } from '../../secret/environment-secrets.ts'
import { createRedaction } from '../../secret/redaction.ts'
import { openSecrets, secretsFileIn } from '../../secret/store.ts'
import type { ToolSecrets } from '../../tool/secrets.ts'

/** The secrets of a runtime, for use and for redaction. */
export type RuntimeSecrets = CallSecrets & ToolSecrets

/**
 * The secrets of a data folder and its environment. The file is opened when a secret is requested, or after a failure whose text may
 * contain one.
 */
export function runtimeSecrets({ data, environment }: Pick<Config, 'data' | 'environment'>): RuntimeSecrets {
  const redaction = createRedaction(environment)
  const store = openSecrets({ file: secretsFileIn(data), environment, heard: redaction.learn })
  let known: Promise<unknown> | undefined
  return {
    get: store.get,
    learn: redaction.learn,
    hide: redaction.hide,
    redact: redaction.redact,
    async problem(problem) {
      // a locked file yields no names; a read of a secret reports why
      known ??= store.names().catch(() => {})
      await known
      return redaction.problem(problem)
    },
  }
}
