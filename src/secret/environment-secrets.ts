import { variableOf } from './names.ts'
import { createRedaction, type EnvironmentVariables, type Redaction } from './redaction.ts'
import type { SecretStore } from './store.ts'

/** What a call to somebody outside needs of secrets: a value by its name, and nothing of it in what is told. */
export type CallSecrets = Pick<SecretStore, 'get'> & Pick<Redaction, 'learn' | 'redact'>

/** The secrets of an environment alone. */
export function environmentSecrets(environment: EnvironmentVariables): CallSecrets {
  const { learn, redact } = createRedaction(environment)
  return { learn, redact, get: async (name) => environment[variableOf(name)] }
}
