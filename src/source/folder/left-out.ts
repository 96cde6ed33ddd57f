/** Names of files that usually hold keys or passwords. */
const PRIVATE: readonly RegExp[] = [
  /\.(?:pem|key|p12|pfx|p8|jks|keystore|kdbx|ppk|gpg|tfstate|env)$/i,
  /^id_(?:rsa|dsa|ecdsa|ed25519)$/i,
  /^(?:credentials|client_secret[^/]*|service[-_]account[^/]*)\.json$/i,
  /^(?:secrets?|credentials)(?:\.(?:json|ya?ml|toml|ini|txt))?$/i,
]

/** The entries that a walk counts as left out, in words. */
const RULES: { readonly [rule: string]: string } = {
  private: 'files that may hold keys',
  links: 'links',
  media: 'pictures and sound',
  hidden: 'hidden files and folders',
  ignored: 'files and folders that .gitignore names',
  packages: 'folders of packages (node_modules)',
  special: 'pipes and sockets',
}
/** These are left out on purpose, so they are reported only if something is missing. */
const EXPECTED: readonly string[] = ['hidden', 'ignored', 'packages', 'special']

/** A sentence about what a walk left out, or none. `isAll`: also what is meant to be left out. */
export function leftOutNote(
  { leftOut }: { readonly leftOut: { readonly [rule: string]: number } },
  isAll: boolean,
): readonly string[] {
  const some = Object.keys(RULES).filter((rule) => (leftOut[rule] ?? 0) > 0 && (isAll || !EXPECTED.includes(rule)))
  return some.length === 0 ? [] : [`left out: ${some.map((rule) => `${RULES[rule]} (${leftOut[rule]})`).join(', ')}`]
}

/** Why a name in a folder is left out; undefined: it is not. */
export function leftOutBy(name: string): 'hidden' | 'private' | 'packages' | undefined {
  if (name.startsWith('.')) return 'hidden'
  if (name === 'node_modules') return 'packages'
  return PRIVATE.some((pattern) => pattern.test(name)) ? 'private' : undefined
}
