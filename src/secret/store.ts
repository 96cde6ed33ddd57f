import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidError, NotFoundError } from '../errors.ts'
import {
  type SecretFile,
  type SecretFileOptions,
  type StoredSecret,
  type StoredSecrets,
  secretFile,
} from './encrypted-file.ts'
import { checkSecretName, isSecretVariable, secretNameOf, variableOf } from './names.ts'
import { type EnvironmentVariables, MIN_SECRET_LENGTH } from './redaction.ts'

/** What is told of a secret without telling it; times in ms since the epoch. */
export type SecretName = {
  readonly name: string
  /** the variable that it comes from; absent: from the file */
  readonly variable?: string
  readonly setAt?: number
  readonly rotatedAt?: number
}

/** Values that are told to nobody, by name: of the environment first, then of an encrypted file. */
export interface SecretStore {
  /** The value as it is now; undefined when there is none. TerminalError `secrets_locked` or `secrets_damaged` when the file cannot be opened. */
  get(name: string): Promise<string | undefined>
  /** Keeps a new one in the file; InvalidError when there is one of that name, or the value will not do. */
  put(name: string, value: string): Promise<void>
  /** Replaces one of the file: whoever asks from now on gets the next. NotFoundError when there is none. */
  rotate(name: string, next: string): Promise<void>
  /** Takes one out of the file; NotFoundError when there is none. */
  remove(name: string): Promise<void>
  /** All there are, by name: of the environment those that are called ANTIPHON_SECRET_…. */
  names(): Promise<readonly SecretName[]>
}

/** How a store is opened; `heard` is told every value as soon as it is known, so that it can be taken out of what is told. */
export type SecretStoreOptions = SecretFileOptions & { heard?(values: readonly string[]): void }

/** Where a data folder's secrets lie. */
export const secretsFileIn = (data: string) => join(data, 'secrets.json')

/** Whether any are kept in a data folder. */
export const hasSecrets = (data: string) => existsSync(secretsFileIn(data))

const MAX_SECRET_LENGTH = 16 * 1024
const MAX_SECRETS = 500

/** The secrets of an environment and a file; see `secretFile`. */
export function openSecrets({ heard = () => {}, ...options }: SecretStoreOptions): SecretStore {
  const { environment } = options
  const file = secretFile(options)

  async function inFile(): Promise<StoredSecrets> {
    const kepts = await file.read()
    heard([...kepts.values()].map(({ value }) => value))
    return kepts
  }

  return {
    async get(name) {
      checkSecretName(name)
      return environment[variableOf(name)] || (await inFile()).get(name)?.value
    },
    async put(name, value) {
      checkSecretName(name)
      checkValue(value)
      heard([value])
      await change(file, (kepts) => {
        if (kepts.has(name)) throw taken(name)
        if (kepts.size === MAX_SECRETS)
          throw new InvalidError(`There are ${MAX_SECRETS} secrets already, which is the most.`)
        kepts.set(name, { value, setAt: Date.now() })
      })
    },
    async rotate(name, next) {
      checkSecretName(name)
      checkValue(next)
      heard([next])
      await change(file, (kepts) => kepts.set(name, { ...keptAs(name, kepts), value: next, rotatedAt: Date.now() }))
    },
    async remove(name) {
      checkSecretName(name)
      await change(file, (kepts) => {
        keptAs(name, kepts)
        kepts.delete(name)
      })
    },
    names: async () => listed(environment, await inFile()),
  }
}

function change(file: SecretFile, act: (kepts: Map<string, StoredSecret>) => void): Promise<void> {
  return file.write((before) => {
    const kepts = new Map(before)
    act(kepts)
    return kepts
  })
}

function keptAs(name: string, kepts: StoredSecrets): StoredSecret {
  const kept = kepts.get(name)
  if (kept) return kept
  throw new NotFoundError(`There is no secret ${name}.`, { hint: `To keep one: antiphon keys set ${name}` })
}

/** One that is too short could not be told from other text, and taken out of it. */
function checkValue(value: string): void {
  const { length } = value
  if (length < MIN_SECRET_LENGTH) throw new InvalidError(`A secret has at least ${MIN_SECRET_LENGTH} characters.`)
  if (length > MAX_SECRET_LENGTH)
    throw new InvalidError(`A secret has at most ${MAX_SECRET_LENGTH} characters; this has ${length}.`)
}

function taken(name: string): InvalidError {
  return new InvalidError(`There is a secret ${name} already.`, {
    code: 'secret_exists',
    hint: `To replace it: antiphon keys rotate ${name}`,
  })
}

function listed(environment: EnvironmentVariables, kepts: StoredSecrets): readonly SecretName[] {
  const variables = Object.keys(environment).filter((variable) => isSecretVariable(variable) && environment[variable])
  const names = new Map([...kepts.keys()].map((name) => [variableOf(name), name]))
  const alone = variables.filter((variable) => !names.has(variable))
  const found = [...kepts].map(([name, { value: _, ...times }]) => ({
    name,
    ...(environment[variableOf(name)] && { variable: variableOf(name) }),
    ...times,
  }))
  return [...found, ...alone.map((variable) => ({ name: secretNameOf(variable), variable }))].toSorted(byName)
}

const byName = (a: SecretName, b: SecretName) => (a.name < b.name ? -1 : 1)
