import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvalidError, problemOf, TerminalError } from '../errors.ts'
import { installLeaf, isModulePath, leafModule, moduleBeside, nameLeaf } from '../lib/package/leaf.ts'
import { type Extension, loadExtension } from './extension.ts'
import type { Reader } from './reader.ts'
import type { LedgerSettlement, SettlementTerms } from './settlement.ts'
import type { Wallets } from './wallet.ts'

/**
 * The extensions of this process. Those that a project names under `use:` come first. A leaf of antiphon needs no name:
 * it is found beside antiphon when a file needs it. A folder that is read never brings an extension with it.
 */

/** An extension, and the module that other processes load it from. */
export type LoadedExtension = { readonly extension: Extension; readonly module: string }

/** The leaf that reads files of these types. */
const READS: { readonly [leaf: string]: readonly string[] } = {
  '@antiphon/media': [
    'application/pdf',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ...['image/*', 'audio/*', 'video/*'],
  ],
}

const used = new Map<string, LoadedExtension>()

/**
 * Loads the extensions that a project names: paths of modules, relative to `folder`, and names of packages, which are
 * found from the project, else beside antiphon.
 * @throws InvalidError that names one that is missing, is no extension, or is written for another version
 */
export async function useExtensions(names: readonly string[], folder: string): Promise<readonly LoadedExtension[]> {
  const loaded: LoadedExtension[] = []
  for (const name of names) {
    const module = moduleOf(name, folder)
    const known = used.get(module) ?? { module, extension: await loadNamed(name, module) }
    used.set(module, known)
    nameLeaf(name, module)
    loaded.push(known)
  }
  return loaded
}

function moduleOf(name: string, folder: string): string {
  if (isModulePath(name)) return pathToFileURL(resolve(folder, name)).href
  const found = moduleBeside(pathToFileURL(join(folder, 'package.json')).href, name) ?? leafModule(name)
  if (found !== undefined) return found
  throw new InvalidError(`The extension ${name} is not installed.`, {
    code: 'peer_missing',
    place: { path: 'use' },
    hint: `npm install ${name}`,
  })
}

async function loadNamed(name: string, module: string): Promise<Extension> {
  try {
    return await loadExtension(module, name)
  } catch (cause) {
    const { message, hint, code } = problemOf(cause)
    if (cause instanceof Error && message.startsWith('The extension ')) throw cause
    throw new InvalidError(`The extension ${name} cannot be loaded: ${message}`, {
      place: { path: 'use' },
      ...(hint === undefined ? { hint: 'Its path starts from the folder of antiphon.yaml.' } : { hint, code }),
      cause,
    })
  }
}

/** The extension whose reader reads files of this type; undefined: no extension does, not even one that is missing. */
export async function extensionFor(type: string): Promise<LoadedExtension | undefined> {
  const own = [...used.values()].find(({ extension }) => readerIn(extension, type))
  if (own) return own
  const leaf = Object.keys(READS).find((name) => READS[name]!.some((known) => isOfType(known, type)))
  if (leaf === undefined) return undefined
  const module = leafModule(leaf)
  if (module !== undefined) return { module, extension: await loadExtension(module, leaf) }
  throw new InvalidError(`Reading ${wordsFor(type)} needs ${leaf}, which is not installed.`, {
    code: 'peer_missing',
    hint: installLeaf(leaf),
  })
}

function wordsFor(type: string): string {
  const [kind = ''] = type.split('/', 1)
  return (
    { 'application/pdf': 'a PDF', image: 'a picture', audio: 'a recording', video: 'a film' }[
      kind === 'application' ? type : kind
    ] ?? 'a DOCX'
  )
}

/** Whether an extension that the project names has readers. */
export const hasReaders = (): boolean =>
  [...used.values()].some(({ extension: { readers = [] } }) => readers.length > 0)

/** Whether an extension of the project reads files of this type as documents. Pictures, sound and film are none. */
export const isReadByExtension = (type: string): boolean =>
  !/^(?:image|audio|video)\//.test(type) && [...used.values()].some(({ extension }) => readerIn(extension, type))

/** The keys of antiphon.yaml that name the extensions of a project. Another project of this process may name others. */
export type ExtendedProject = { readonly use?: readonly string[]; readonly folder?: string }

const extensionsOf = ({ use = [], folder = '.' }: ExtendedProject): readonly Extension[] =>
  use.flatMap((name) => used.get(moduleOf(name, folder))?.extension ?? [])

/** Opens the settlement of an extension of the project. */
export function openSettlement(terms: SettlementTerms, project: ExtendedProject): LedgerSettlement {
  const open = extensionsOf(project).find(({ settlement }) => settlement)?.settlement
  if (open) return open(terms)
  throw new InvalidError('No extension pays citations.', {
    code: 'settlement_off',
    place: { path: 'use' },
    hint: 'Run npm install @antiphon/sui, and write into antiphon.yaml: use: ["@antiphon/sui"]',
  })
}

/** The wallets that an extension of the project knows. */
export function walletsOf(project: ExtendedProject): Wallets {
  const found = extensionsOf(project).find(({ wallets }) => wallets)?.wallets
  if (found) return found
  throw new TerminalError('No extension knows wallets.', {
    code: 'login_off',
    hint: 'Run npm install @antiphon/sui, and write into antiphon.yaml: use: ["@antiphon/sui"]',
  })
}

/** The reader of an extension for files of this type. */
export const readerIn = ({ readers = [] }: Pick<Extension, 'readers'>, type: string): Reader | undefined =>
  readers.find(({ types }) => types.some((known) => isOfType(known, type)))

/** The modality of questions about files of this type, as their reader says; undefined: `text`. */
export const modalityByReader = (type: string): string | undefined =>
  [...used.values()].map(({ extension }) => readerIn(extension, type)).find((reader) => reader)?.modality

/** The extensions of the project that detect types of their own. */
export const detectors = (): readonly LoadedExtension[] =>
  [...used.values()].filter(({ extension: { readers = [] } }) => readers.some(({ detect }) => detect))

function isOfType(known: string, type: string): boolean {
  return known.endsWith('/*') ? type.startsWith(known.slice(0, -1)) : known === type
}
