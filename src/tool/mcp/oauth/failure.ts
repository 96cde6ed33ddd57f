import { is, problemOf, TerminalError } from '../../../errors.ts'
import { createRedaction } from '../../../secret/redaction.ts'
import { plainText } from '../settings.ts'

type OAuthFailure = { readonly name?: string; readonly code?: unknown; readonly status?: unknown }

/** The words of an authorization server about a refusal, without the texts that stay hidden. */
export function saidBy(error: unknown, hidden: readonly (string | undefined)[]): string {
  const { code } = error as OAuthFailure
  // neither a response that is not JSON, nor one that is no error of OAuth, is repeated: it may hold tokens
  const message =
    error instanceof SyntaxError
      ? 'it sent something other than JSON'
      : problemOf(error).message.split('Raw body:', 1)[0]!.trimEnd()
  const { learn, redact } = createRedaction({})
  learn(hidden.flatMap((text) => (text === undefined ? [] : [['the login', text]])))
  return plainText(redact(typeof code === 'string' && !message.includes(code) ? `${code}: ${message}` : message), 300)
}

/** The error of a login: ours as it is, otherwise one that says what the authorization server said. */
export function loginFailure(name: string, error: unknown, hidden: readonly (string | undefined)[]): Error {
  if (is(error)) return error as Error
  const said = saidBy(error, hidden)
  const isUnregistered = (error as OAuthFailure).name === 'RegistrationRejectedError' || /registration/.test(said)
  const hint = isUnregistered
    ? 'Register a client there yourself, and write: `oauth: { clientId: ID, clientSecret: secret://NAME }`.'
    : 'Check `url` and `oauth:` of this server, then run the command again.'
  return loginRefused(name, said, hint)
}

/** The error of a login that did not lead to tokens. */
export const loginRefused = (name: string, why: string, hint: string) =>
  new TerminalError(`The login to ${name} failed: ${why}`, { code: 'login_refused', hint })
