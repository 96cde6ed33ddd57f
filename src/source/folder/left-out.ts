/** Names of files that usually hold keys or passwords. */
const PRIVATE: readonly RegExp[] = [
  /\.(?:pem|key|p12|pfx|p8|jks|keystore|kdbx|ppk|gpg|tfstate|env)$/i,
  /^id_(?:rsa|dsa|ecdsa|ed25519)$/i,
  /^(?:credentials|client_secret[^/]*|service[-_]account[^/]*)\.json$/i,
  /^(?:secrets?|credentials)(?:\.(?:json|ya?ml|toml|ini|txt))?$/i,
]

/** Why a name in a folder is left out; undefined: it is not. */
export function leftOutBy(name: string): 'hidden' | 'private' | undefined {
  if (name.startsWith('.')) return 'hidden'
  return PRIVATE.some((pattern) => pattern.test(name)) ? 'private' : undefined
}
