import { stat } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { InvalidError, is, problemOf, TerminalError } from '../../errors.ts'
import type { FileContent } from '../../source/document.ts'
import { listFolder } from '../../source/folder/list-folder.ts'
import { hashOf, readDocument, readFileBytes } from '../../source/source.ts'
import { textOf } from '../../source/text.ts'
import type { ConfiguredDomains, Domain, SameWords } from '../protocol/domain.ts'
import type { SourceRef } from '../protocol/phase-types.ts'
import type { DomainSettings } from './settings.ts'
import { indexTerms, parseTerms, termsIn } from './terms.ts'

/** The domains as they are written, the folder of their paths, and the file that has them. */
type GivenDomains = {
  readonly domains?: { readonly [name: string]: DomainSettings } | undefined
  readonly folder: string
  readonly file?: string
}

/**
 * Reads the terms of the domains, and the hashes of their files: later asks read only these files, and only as they are
 * now.
 * @throws InvalidError for a file that is missing, and for wrong terms, with the line
 */
export async function readDomains(given: GivenDomains, limits: { readonly files: number }): Promise<ConfiguredDomains> {
  const all = Object.entries(given.domains ?? {}).map(async ([name, settings]) => {
    const place = { ...given, path: `domains.${name}` }
    const { sources: paths = [], terms: said, ...rest } = settings
    const terms = said === undefined ? [] : await readTerms(said, place)
    const sources = await sourcesOf(paths, place, limits.files)
    const index = indexTerms(terms)
    const domain: Domain = { ...rest, sources, ...(index.size > 0 && { termsIn: (asked) => termsIn(asked, index) }) }
    return [name, domain] as const
  })
  return new Map(await Promise.all(all))
}

/** The files and folders that domains name; they may not exist. */
export function filesOfDomains({ domains = {}, folder }: GivenDomains): readonly string[] {
  return Object.values(domains).flatMap(({ sources = [], terms }) =>
    [...sources, ...(typeof terms === 'string' ? [terms] : [])].map((path) => resolve(folder, path)),
  )
}

type Place = GivenDomains & { readonly path: string }

function wrong({ file, path }: Place, key: string, message: string, hint?: string): InvalidError {
  return new InvalidError(`\`${path}.${key}\`: ${message}`, {
    place: { ...(file !== undefined && { file }), path: `${path}.${key}` },
    hint,
  })
}

// terms

async function readTerms(said: NonNullable<DomainSettings['terms']>, place: Place): Promise<readonly SameWords[]> {
  const lines = typeof said === 'string' ? undefined : Object.entries(said).map((term) => term.flat().join('\t'))
  const file = typeof said === 'string' ? resolve(place.folder, said) : ''
  try {
    if (lines) return parseTerms(['term', ...lines].join('\n'), file, { tsv: true })
    const text = textOf(await readFileBytes(file), basename(file))
    return parseTerms(typeof text === 'string' ? text : text.text, file, { tsv: /\.tsv$/i.test(file) })
  } catch (error) {
    if (!lines && is(error, 'InvalidError')) throw error
    throw wrong(place, 'terms', problemOf(error).message)
  }
}

// sources

async function sourcesOf(paths: readonly string[], place: Place, most: number): Promise<readonly SourceRef[]> {
  const files = (await Promise.all(paths.map((path) => filesAt(path, place, most)))).flat()
  if (files.length > most)
    throw wrong(
      place,
      'sources',
      `there are ${files.length} files or more, and an ask reads ${most}`,
      'Name fewer files, or raise the limit: `chain: { files: { count } }`.',
    )
  return Promise.all([...new Set(files)].map((path, index) => sourceOf(path, `d${index + 1}`, place)))
}

async function sourceOf(path: string, id: string, place: Place): Promise<SourceRef> {
  const ref = nameOf(path, place.folder)
  try {
    return { id, kind: 'domain', ref, hash: hashOf(await readFileBytes(path)) }
  } catch (error) {
    throw wrong(place, 'sources', `${ref} cannot be read: ${problemOf(error).message}`)
  }
}

async function filesAt(path: string, place: Place, most: number): Promise<readonly string[]> {
  const real = resolve(place.folder, path)
  try {
    const found = await stat(real)
    if (!found.isDirectory()) return [real]
    const { files, skipped, bounds } = await listFolder(real, { bounds: { files: most + 1 } })
    const [unread] = skipped
    const fault = unread ? `${unread.name}: ${unread.reason}` : files.length > most ? undefined : bounds[0]
    if (fault !== undefined) throw new InvalidError(fault)
    return files.map(({ name }) => join(real, name))
  } catch (error) {
    throw wrong(place, 'sources', `${path} cannot be read: ${problemOf(error).message}`)
  }
}

/** A path below the folder of antiphon.yaml has no other machine's folders in it. */
function nameOf(path: string, folder: string): string {
  const below = relative(folder, path)
  return below.startsWith('..') ? path : below.split(sep).join('/')
}

/**
 * A file of a domain.
 * @throws TerminalError if it cannot be read, or has changed since the domain was read
 */
export async function readDomainFile(
  { ref, hash }: Pick<SourceRef, 'ref' | 'hash'>,
  folder: string,
  signal: AbortSignal,
): Promise<FileContent> {
  const bytes = await readFileBytes(resolve(folder, ref), signal)
  if (hash !== undefined && hashOf(bytes) !== hash) throw new TerminalError(CHANGED)
  return readDocument(basename(ref), bytes, { signal })
}

const CHANGED = 'it has changed since antiphon read its domains; start antiphon again'
