import { variableOf } from './names.ts'
import { createRedaction, type EnvironmentVariables, type Redaction } from './redaction.ts'
import type { SecretStore } from './store.ts'

/** Secrets for an outgoing call: read by name, and redacted from texts. */
export type CallSecrets = Pick<SecretStore, 'get'> &
  Pick<Redaction, 'learn' | 'redact' | 'hide' | 'shown' | 'showStream'>

export function environmentSecrets(environment: EnvironmentVariables): CallSecrets {
  const { learn, redact, hide, shown, showStream } = createRedaction(environment)
  return { learn, redact, hide, shown, showStream, get: async (name) => environment[variableOf(name)] }
}
