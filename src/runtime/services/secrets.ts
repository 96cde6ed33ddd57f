import { join } from 'node:path'
import type { Config } from '../../config/config.ts'
import type { Actor } from '../../kernel/types.ts'
import { allKeyVariables } from '../../model/provider/provider.ts'
import type { CallSecrets } from '../../secret/environment-secrets.ts'
import type { PassphraseSource } from '../../secret/passphrase.ts'
import { createRedaction, type NamedSecret } from '../../secret/redaction.ts'
import { openSecrets, secretsFileIn } from '../../secret/store.ts'
import { withLock } from '../../store/files/file-lock.ts'
import { confidentialIn, type GrantSecrets } from '../../tool/mcp/oauth/grant.ts'
import type { ToolSecrets } from '../../tool/secrets.ts'

/** The secrets of a runtime, for use and for redaction. */
export type RuntimeSecrets = CallSecrets & ToolSecrets & GrantSecrets

/** The secrets of a data folder and its environment. The file opens for a request, or a failure that may have one. */
export function runtimeSecrets(
  { data, environment, providers }: Pick<Config, 'data' | 'environment' | 'providers'>,
  source: Omit<PassphraseSource, 'environment'> = {},
): RuntimeSecrets {
  const redaction = createRedaction(environment, allKeyVariables(providers))
  // the tokens inside a secret are secret by themselves
  const heard = (secrets: readonly NamedSecret[]) =>
    redaction.learn(
      secrets.flatMap(([name, value]) => [value, ...confidentialIn(value)].map((one): NamedSecret => [name, one])),
    )
  const store = openSecrets({ file: secretsFileIn(data), environment, heard, ...source })
  let known: Promise<unknown> | undefined
  return {
    get: store.get,
    keep: store.keep,
    unlock: store.unlock,
    alone: (work) => withLock(join(data, 'secrets.mcp.lock'), work),
    learn: redaction.learn,
    hide: redaction.hide,
    shown: redaction.shown,
    showStream: redaction.showStream,
    redact: redaction.redact,
    async problem(problem) {
      // a locked file yields no names; a read of a secret reports why
      known ??= store.names().catch(() => {})
      await known
      return redaction.problem(problem)
    },
  }
}

const METHODS = [
  'initial',
  'receive',
  'notice',
  'upgrade',
  'check',
  'older',
  'supervise',
  'inlinable',
  'parent',
] as const

/** An actor of the program. Values of secrets are removed from its errors before they are stored. */
export function ownActor(actor: Actor, redact: (text: string) => string): Actor {
  // an object of a class keeps its methods in its prototype, and may have private fields
  const bound = METHODS.flatMap((name) => (actor[name] ? [[name, actor[name].bind(actor)] as const] : []))
  return { redact, ...actor, ...Object.fromEntries(bound) }
}
