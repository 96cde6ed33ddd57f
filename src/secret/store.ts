/**
 * Secrets: named values from the environment or from an encrypted file. Pipelines name a secret, and tools receive
 * its value at the last moment. Every value that was read is known to `redaction.ts`, which removes it from logs,
 * results and errors.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { InvalidError, NotFoundError } from '../errors.ts'
import type { SecretFile, SecretFileOptions, StoredSecret, StoredSecrets } from './encrypted-file.ts'
import { secretFile } from './encrypted-file.ts'
import { checkSecretName, isSecretVariable, secretNameOf, variableOf } from './names.ts'
import { type EnvironmentVariables, MIN_SECRET_LENGTH, type NamedSecret } from './redaction.ts'

/** Metadata of a secret. Times in ms since the epoch. */
export type SecretName = {
  readonly name: string
  /** the variable that it comes from; absent if it comes from the file */
  readonly variable?: string
  readonly setAt?: number
  readonly rotatedAt?: number
}

/** Named secrets: from the environment first, then from an encrypted file. */
export interface SecretStore {
  /** The current value; undefined if missing. TerminalError `secrets_locked` or `secrets_damaged` for such a file. */
  get(name: string): Promise<string | undefined>
  /** Stores a new secret in the file. InvalidError if the name exists or the value is not allowed. */
  put(name: string, value: string): Promise<void>
  /** Replaces a secret of the file. NotFoundError if missing. */
  rotate(name: string, next: string): Promise<void>
  /** Deletes a secret of the file. NotFoundError if missing. */
  remove(name: string): Promise<void>
  /** Stores a value in the file, in place of the previous one; undefined removes it. Returns whether there was one. */
  keep(name: string, value: string | undefined): Promise<boolean>
  /** Opens the file for a change, so that a missing passphrase shows at once. */
  unlock(): Promise<void>
  /** All secrets by name, including environment variables ANTIPHON_SECRET_…. */
  names(): Promise<readonly SecretName[]>
}

/** `heard` receives every value as soon as it is known, for the redaction. */
export type SecretStoreOptions = SecretFileOptions & { heard?(secrets: readonly NamedSecret[]): void }

export const secretsFileIn = (data: string) => join(data, 'secrets.json')

export const hasSecrets = (data: string) => existsSync(secretsFileIn(data))

const MAX_SECRET_LENGTH = 16 * 1024
const MAX_SECRETS = 500

/** Opens the secrets of an environment and a file; see `secretFile`. */
export function openSecrets({ heard = () => {}, ...options }: SecretStoreOptions): SecretStore {
  const { environment } = options
  const file = secretFile(options)

  async function inFile(): Promise<StoredSecrets> {
    const kepts = await file.read()
    heard([...kepts].map(([name, { value }]) => [name, value]))
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
      heard([[name, value]])
      await change(file, (kepts) => {
        if (kepts.has(name)) throw taken(name)
        if (kepts.size === MAX_SECRETS) throw new InvalidError(`The limit of ${MAX_SECRETS} secrets is reached.`)
        kepts.set(name, { value, setAt: Date.now() })
      })
    },
    async rotate(name, next) {
      checkSecretName(name)
      checkValue(next)
      heard([[name, next]])
      await change(file, (kepts) => kepts.set(name, { ...keptAs(name, kepts), value: next, rotatedAt: Date.now() }))
    },
    async remove(name) {
      checkSecretName(name)
      await change(file, (kepts) => {
        keptAs(name, kepts)
        kepts.delete(name)
      })
    },
    async keep(name, value) {
      checkSecretName(name)
      if (value === undefined && !(await inFile()).has(name)) return false
      if (value !== undefined) {
        checkValue(value)
        heard([[name, value]])
      }
      let before: StoredSecret | undefined
      await change(file, (kepts) => {
        before = kepts.get(name)
        if (value === undefined) kepts.delete(name)
        else kepts.set(name, { setAt: Date.now(), ...before, value, ...(before && { rotatedAt: Date.now() }) })
      })
      return before !== undefined
    },
    unlock: () => change(file, () => {}),
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
  const stored = kepts.get(name)
  if (stored) return stored
  throw new NotFoundError(`There is no secret ${name}.`, { hint: `To store it: antiphon keys set ${name}` })
}

/** A shorter value could not be redacted from texts. */
function checkValue(value: string): void {
  const { length } = value
  if (length < MIN_SECRET_LENGTH) throw new InvalidError(`A secret must have at least ${MIN_SECRET_LENGTH} characters.`)
  if (length > MAX_SECRET_LENGTH)
    throw new InvalidError(`A secret must have at most ${MAX_SECRET_LENGTH} characters, got ${length}.`)
}

function taken(name: string): InvalidError {
  return new InvalidError(`The secret ${name} already exists.`, {
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
