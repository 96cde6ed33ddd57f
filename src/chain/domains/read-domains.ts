import { stat } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { InvalidError, is, problemOf, TerminalError } from '../../errors.ts'
import { leftOutNote } from '../../source/folder/left-out.ts'
import { listFolder } from '../../source/folder/list-folder.ts'
import type { FolderWalk } from '../../source/folder/walk.ts'
import { hashOf, readDocument, readFileBytes } from '../../source/source.ts'
import { textOf } from '../../source/text.ts'
import type { ConfiguredDomains, Domain, SameWords } from '../../thread/protocol/domain.ts'
import type { SourceRef } from '../../thread/protocol/phase-types.ts'
import type { DomainFiles } from '../protocol/phase.ts'
import type { DomainSettings } from './settings.ts'
import { indexTerms, parseTerms, termsIn } from './terms.ts'

/** The domains as they are written, the folder of their paths, and the file that has them. */
type GivenDomains = {
  readonly domains?: { readonly [name: string]: DomainSettings } | undefined
  readonly folder: string
  readonly file?: string
}

/** The domains of a process, and their files as they were when it began. */
type ReadDomains = { readonly ownDomains: ConfiguredDomains; readonly domainFiles: DomainFiles }

/**
 * Reads the terms of the domains, and the hashes of their files: asks read only these files, and only as they are now.
 * @throws InvalidError for a file that is missing, and for wrong terms, with the line
 */
export async function readDomains(given: GivenDomains, limits: { readonly files: number }): Promise<ReadDomains> {
  const pins: Pins = { walks: new Map(), hashes: new Map() }
  const ownDomains = new Map<string, Domain>()
  for (const [name, { sources: paths = [], terms: said, ...rest }] of Object.entries(given.domains ?? {})) {
    const place = { ...given, path: `domains.${name}` }
    const index = indexTerms(said === undefined ? [] : await readTerms(said, place))
    const sources: SourceRef[] = []
    for (const path of paths) sources.push(await pinSource(path, `d${sources.length + 1}`, place, limits.files, pins))
    ownDomains.set(name, { ...rest, sources, ...(index.size > 0 && { termsIn: (asked) => termsIn(asked, index) }) })
  }
  return { ownDomains, domainFiles: pinnedFiles(given.folder, pins) }
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

async function readTerms(said: NonNullable<DomainSettings['terms']>, place: Place): Promise<readonly SameWords[]> {
  const lines = typeof said === 'string' ? undefined : Object.entries(said).map((term) => term.flat().join('\t'))
  const file = typeof said === 'string' ? resolve(place.folder, said) : ''
  try {
    if (lines) return parseTerms(['term', ...lines].join('\n'), file, { tsv: true })
    const text = await textOf(await readFileBytes(file), basename(file))
    return parseTerms(typeof text === 'string' ? text : text.text, file, { tsv: /\.tsv$/i.test(file) })
  } catch (error) {
    if (!lines && is(error, 'InvalidError')) throw error
    throw wrong(place, 'terms', problemOf(error).message, lines && MAP_HINT)
  }
}

const MAP_HINT = 'Expected a map of names and their synonyms, such as { tenant: [renter, lessee] }.'

// sources

/** The files of each source by its name, and the hash of each file by its name. */
type Pins = { readonly walks: Map<string, Pinned>; readonly hashes: Map<string, string> }
type Pinned = { readonly walk: FolderWalk; readonly hash: string }

/** A path below the folder of antiphon.yaml has no other machine's folders in it. */
function nameOf(path: string, folder: string): string {
  const below = relative(folder, path)
  return below.startsWith('..') ? path : below.split(sep).join('/')
}

async function pinSource(path: string, id: string, place: Place, files: number, pins: Pins): Promise<SourceRef> {
  const real = resolve(place.folder, path)
  const ref = nameOf(real, place.folder)
  try {
    const found = await walkSource(real, files)
    const named = found.files.map((file) => ({ ...file, path: nameOf(file.path, place.folder) }))
    if (named.length === 0) throw new InvalidError(['it has no file to read', ...leftOutNote(found, true)].join('; '))
    for (const file of named) pins.hashes.set(file.path, hashOf(await readFileBytes(resolve(place.folder, file.path))))
    const hash = hashOf(Buffer.from(JSON.stringify(named.map((file) => [file.path, pins.hashes.get(file.path)]))))
    pins.walks.set(ref, { walk: { ...found, files: named }, hash })
    return { id, kind: 'domain', ref, hash }
  } catch (error) {
    throw wrong(place, 'sources', `${path} cannot be read: ${problemOf(error).message}`)
  }
}

async function walkSource(real: string, files: number): Promise<FolderWalk> {
  const found = await stat(real)
  if (found.isDirectory()) {
    const walk = await listFolder(real, { bounds: { files } })
    return { ...walk, files: walk.files.map((file) => ({ ...file, path: join(real, file.name) })) }
  }
  const file = { path: real, name: basename(real), bytes: found.size, modifiedAt: found.mtimeMs }
  return { files: [file], leftOut: NOTHING, skipped: [], bounds: [] }
}

const NOTHING = { hidden: 0, private: 0, packages: 0, ignored: 0, links: 0, special: 0, media: 0 }

function pinnedFiles(folder: string, { walks, hashes }: Pins): DomainFiles {
  return {
    list({ ref, hash }, files) {
      const pinned = walks.get(ref)
      if (!pinned || pinned.hash !== hash) throw new TerminalError('Its files are not those that the ask began with.')
      const { walk } = pinned
      if (walk.files.length <= files) return walk
      const bounds = [...walk.bounds, `only the first ${files} of ${walk.files.length} files are read`]
      return { ...walk, files: walk.files.slice(0, files), bounds }
    },
    async read(ref, signal) {
      const bytes = await readFileBytes(resolve(folder, ref), signal)
      if (hashOf(bytes) !== hashes.get(ref)) throw new TerminalError(CHANGED)
      return readDocument(basename(ref), bytes, { signal })
    },
  }
}

const CHANGED = 'It has changed since antiphon read its domains; start antiphon again.'
