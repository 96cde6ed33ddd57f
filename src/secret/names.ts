import { InvalidError } from '../errors.ts'

const NAME = /^[A-Za-z0-9](?:[\w.-]{0,98}\w)?$/
const REFERENCE = /secret:\/\/([A-Za-z0-9](?:[\w.-]{0,98}\w)?)/g
const PREFIX = 'ANTIPHON_SECRET_'

export const SECRET_SCHEME = 'secret://'

/** @throws InvalidError if the name is not valid */
export function checkSecretName(name: string): void {
  if (NAME.test(name)) return
  throw new InvalidError(`${JSON.stringify(name.slice(0, 100))} is not the name of a secret.`, {
    hint: 'A name has up to 100 letters, digits, dots, dashes and underscores, such as openai or github.token.',
  })
}

/** The environment variable that overrides the file: ANTIPHON_SECRET_GITHUB_TOKEN for `github.token`. */
export const variableOf = (name: string): string => `${PREFIX}${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`

/** The listed name of a secret that exists only as an environment variable. */
export const secretNameOf = (variable: string) => variable.slice(PREFIX.length).toLowerCase()

export const isSecretVariable = (variable: string) => variable.startsWith(PREFIX)

/** Whether the whole text is `secret://name`. */
export const isSecret = (text: string) => text.startsWith(SECRET_SCHEME) && NAME.test(text.slice(SECRET_SCHEME.length))

/** The names of secrets in `secret://name` references of a text. */
export function secretsIn(text: string): readonly string[] {
  return text.includes(SECRET_SCHEME) ? [...text.matchAll(REFERENCE)].map(([, name]) => name!) : []
}

/** Replaces the references with values. */
export function substituteSecrets(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(REFERENCE, (reference, name: string) => values.get(name) ?? reference)
}
