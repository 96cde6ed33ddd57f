import { variableOf } from './names.ts'
import { createRedaction, type EnvironmentVariables, type Redaction } from './redaction.ts'
import type { SecretStore } from './store.ts'

/** Secrets for an outgoing call: read by name, and redacted from texts. */
export type CallSecrets = Pick<SecretStore, 'get'> & Pick<Redaction, 'learn' | 'redact' | 'hide' | 'hideStream'>

/** Secrets of environment variables only. */
export function environmentSecrets(environment: EnvironmentVariables): CallSecrets {
  const { learn, redact, hide, hideStream } = createRedaction(environment)
  return { learn, redact, hide, hideStream, get: async (name) => environment[variableOf(name)] }
}
