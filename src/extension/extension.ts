/**
 * Extensions: packages and modules that add readers, tools, charts, settlements and wallets. antiphon finds its own
 * ones beside itself, and a project names others under `use:`. A reader is the way to a new form of files; for a tool
 * alone, a plugin does.
 */

import { InvalidError } from '../errors.ts'
import { isOwnModality, MODALITIES } from '../lib/media/modality.ts'
import { importExtension } from '../lib/package/import-extension.ts'
import { version as ownVersion } from '../lib/package/manifest.ts'
import { nearestWord } from '../lib/suggest.ts'
import type { Charts } from '../tool/builtin/visualization/charts.ts'
import type { Tool } from '../tool/tool.ts'
import type { Reader } from './reader.ts'
import type { OpenSettlement } from './settlement.ts'
import type { Wallets } from './wallet.ts'

/** A package, or a module of a project, that adds to antiphon. */
export type Extension = {
  /** as it stands in errors and in `antiphon doctor` */
  readonly name: string
  /** the version of antiphon that it is written for, such as `0.1.0`: later ones of the same line run it, too */
  readonly version: string
  /** readers of files; the first one that knows a type reads it */
  readonly readers?: readonly Reader[]
  /** tools, as a plugin has them */
  readonly tools?: readonly Tool[]
  /** draws the charts of the tool `visualization` */
  readonly charts?: Charts
  /** pays citations of the ledger outside, as `ledger: { settlement }` says */
  readonly settlement?: OpenSettlement
  /** lets people log in with a wallet, as `serve: { login }` says */
  readonly wallets?: Wallets
}

/**
 * Defines an extension: the default export of a package, or of a module of a project, that `use:` names in
 * antiphon.yaml or in `start({ use })`.
 * @throws InvalidError that names what is wrong with it
 */
export function defineExtension(extension: Extension): Extension {
  const fault = faultOf(extension)
  if (fault === undefined) return extension
  throw new InvalidError(`The extension ${nameOf(extension)}: ${fault}`, { hint: EXTENSION_HINT })
}

/**
 * The extension that a module exports.
 * @throws InvalidError if it exports something else, or is written for another version of antiphon
 */
export async function loadExtension(module: string, named = module): Promise<Extension> {
  const value = await importExtension(module)
  const fault = faultOf(value)
  if (fault !== undefined) throw new InvalidError(`The extension ${named}: ${fault}`, { hint: EXTENSION_HINT })
  const { name, version } = value as Extension
  if (fits(version, ownVersion())) return value as Extension
  throw new InvalidError(`The extension ${name} is written for antiphon ${version}, and this is ${ownVersion()}.`, {
    code: 'other_version',
    hint: 'Install versions of both that belong together. Packages of antiphon itself have its version.',
  })
}

const EXTENSION_HINT =
  "Expected `export default defineExtension({ name, version, readers, tools })`, from 'antiphon/extend'."

const KEYS: { readonly [Key in keyof Extension]-?: true } = {
  name: true,
  version: true,
  readers: true,
  tools: true,
  charts: true,
  settlement: true,
  wallets: true,
}

function faultOf(value: unknown): string | undefined {
  if (value === undefined) return 'it has no default export.'
  if (typeof value !== 'object' || value === null)
    return `Expected an object, got ${value === null ? 'null' : typeof value}.`
  const { name, version, readers = [], tools = [], settlement, wallets } = value as Partial<Extension>
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(KEYS, key))
  if (unknown !== undefined) return `the key \`${unknown}\` is unknown. Known keys: ${Object.keys(KEYS).join(', ')}.`
  if (typeof name !== 'string' || name === '') return 'Expected a name.'
  if (typeof version !== 'string' || !VERSION.test(version)) return 'Expected a version of antiphon, such as 0.1.0.'
  if (!Array.isArray(readers) || !readers.every(isReader))
    return 'Expected readers with a list of types and a function `read`; `detect` is a function, and `modality` small letters and digits.'
  if (!Array.isArray(tools)) return 'Expected a list of tools.'
  if (settlement !== undefined && typeof settlement !== 'function') return 'Expected a function `settlement`.'
  const isWhole = [wallets?.readAddress, wallets?.hasSigned].every((method) => typeof method === 'function')
  return wallets === undefined || isWhole ? undefined : 'Expected `wallets` with `readAddress` and `hasSigned`.'
}

const VERSION = /^(\d+)\.(\d+)\.(\d+)/

const nameOf = (value: unknown) => String((value as { readonly name?: unknown } | undefined)?.name ?? 'without a name')

function isReader(value: unknown): boolean {
  const { types, read, detect = read, modality = 'text' } = (value ?? {}) as Partial<Reader>
  const areFunctions = typeof read === 'function' && typeof detect === 'function'
  const isOwn = isOwnModality(modality) && nearestWord(modality, MODALITIES) === undefined
  return (
    Array.isArray(types) &&
    types.every((type) => typeof type === 'string') &&
    areFunctions &&
    (isOwn || MODALITIES.some((one) => one === modality))
  )
}

/** Whether a version is the wanted one or a later one with the same major number, below 1.0 with the same minor one. */
function fits(wanted: string, found: string): boolean {
  const [[major, minor, patch], [ownMajor, ownMinor, ownPatch]] = [wanted, found].map(
    (version) => VERSION.exec(version)!.slice(1).map(Number) as [number, number, number],
  ) as [[number, number, number], [number, number, number]]
  if (major !== ownMajor || (major === 0 && minor !== ownMinor)) return false
  return ownMinor > minor || (ownMinor === minor && ownPatch >= patch)
}
