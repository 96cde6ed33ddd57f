import { InvalidError } from '../errors.ts'

const NAME = /^[A-Za-z0-9](?:[\w.-]{0,98}\w)?$/
const REFERENCE = /secret:\/\/([A-Za-z0-9](?:[\w.-]{0,98}\w)?)/g
const PREFIX = 'ANTIPHON_SECRET_'

/** What comes before the name of a secret where one is named. */
export const SECRET_SCHEME = 'secret://'

/** InvalidError unless a secret may be called so. */
export function checkSecretName(name: string): void {
  if (NAME.test(name)) return
  throw new InvalidError(`${JSON.stringify(name.slice(0, 100))} is not the name of a secret.`, {
    hint: 'A name has up to 100 letters, digits, dots, dashes and underscores, such as openai or github.token.',
  })
}

/** The environment variable that goes before the file: `github.token` is ANTIPHON_SECRET_GITHUB_TOKEN. */
export function variableOf(name: string): string {
  return `${PREFIX}${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`
}

/** The name by which a variable's secret is listed that the file does not name. */
export const secretNameOf = (variable: string) => variable.slice(PREFIX.length).toLowerCase()

/** Whether a variable holds a secret by its name. */
export const isSecretVariable = (variable: string) => variable.startsWith(PREFIX)

/** Whether a text is `secret://name`, and nothing else. */
export const isSecret = (text: string) => text.startsWith(SECRET_SCHEME) && NAME.test(text.slice(SECRET_SCHEME.length))

/** The secrets that a text names, as `secret://name`; none: it is a text like any other. */
export function secretsIn(text: string): readonly string[] {
  return text.includes(SECRET_SCHEME) ? [...text.matchAll(REFERENCE)].map(([, name]) => name!) : []
}

/** The text with the values in the places of the names. */
export function substituteSecrets(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(REFERENCE, (reference, name: string) => values.get(name) ?? reference)
}
