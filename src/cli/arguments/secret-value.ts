import { existsSync } from 'node:fs'
import { InvalidError } from '../../errors.ts'
import type { PassphraseSource } from '../../secret/passphrase.ts'
import { openSecrets, secretsFileIn } from '../../secret/store.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Bytes of a secret that are read at most; the store takes fewer. */
const MAX_SECRET_BYTES = 64 * 1024

/** The value of a secret: standard input without its last line end, or hidden typed text. */
export async function readSecret({ handed, readHidden }: Terminal, name: string): Promise<string> {
  const given = handed ? await handed(MAX_SECRET_BYTES) : await readHidden?.(`Value of ${name}: `, never())
  const value = given?.replace(/\r?\n$/, '')
  if (value) return value
  throw new InvalidError(`Expected a value for ${name}, got nothing.`, {
    hint: `Type it at the prompt, or pass it in: antiphon keys set ${name} < FILE`,
  })
}

/** Prompts for a passphrase at the terminal, twice for a new one. Empty without a terminal. */
export function passphrasePrompt({ readHidden }: Terminal): Pick<PassphraseSource, 'ask'> {
  if (!readHidden) return {}
  return {
    async ask(isNew) {
      const given = await readHidden(isNew ? 'A new passphrase for the secrets: ' : 'Passphrase: ', never())
      if (!isNew || !given || (await readHidden('Once more: ', never())) === given) return given
      throw new InvalidError('The two passphrases differ.')
    },
  }
}

/** Describes the secrets of a data folder; throws if the given passphrase does not open them. */
export async function describeSecrets(data: string, environment: Terminal['environment']): Promise<string> {
  const file = secretsFileIn(data)
  const isKept = existsSync(file)
  if (isKept && !environment.ANTIPHON_KEY_FILE && !environment.ANTIPHON_PASSPHRASE)
    return `stored in ${file}, locked: there is no passphrase here`
  const names = await openSecrets({ file, environment }).names()
  const inFile = names.filter(({ setAt }) => setAt !== undefined).length
  const outside = names.filter(({ variable }) => variable !== undefined).length
  return `${isKept ? `${inFile} in ${file}, which opens` : '0 stored'}; ${outside} in the environment`
}

const never = () => new AbortController().signal
