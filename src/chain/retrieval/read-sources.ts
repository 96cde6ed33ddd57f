import { basename } from 'node:path'
import { problemOf } from '../../errors.ts'
import { gapOfName } from '../../lib/media/media-type.ts'
import { showOnOneLine } from '../../lib/unseen.ts'
import type { FileContent } from '../../source/document.ts'
import { leftOutNote } from '../../source/folder/left-out.ts'
import type { FolderWalk } from '../../source/folder/walk.ts'
import type { SourceRef, SourceReport } from '../../thread/protocol/phase-types.ts'
import type { ChainLimits } from '../protocol/limits.ts'
import type { ChainServices, ProbedModel } from '../protocol/phase.ts'
import { documentOfProbes } from '../questions/probed-models.ts'
import type { SourceText } from './search-texts.ts'

/** The readers of an ask, and their limits. */
export type SourceReader = Pick<
  ChainServices,
  'readFile' | 'readBlob' | 'readStored' | 'domainFiles' | 'listFiles' | 'memory'
> & {
  readonly limits: Pick<ChainLimits, 'files' | 'fileSize' | 'allFilesSize'>
}

/** The texts that were read so far, and how many files and characters more are read. */
type Reading = SourceReader & {
  readonly signal: AbortSignal
  readonly probed: readonly ProbedModel[]
  readonly texts: SourceText[]
  files: number
  size: number
}

export const beginReading = (
  reader: SourceReader,
  signal: AbortSignal,
  probed: readonly ProbedModel[] = [],
): Reading => ({
  ...reader,
  signal,
  probed,
  texts: [],
  files: reader.limits.files,
  size: reader.limits.allFilesSize,
})

type Unread = { readonly status: 'failed' | 'skipped'; readonly reason: string }

/** Reads a file or an attached text. */
export async function readSource(reading: Reading, source: SourceRef): Promise<SourceReport> {
  const read: FileContent | Unread =
    reading.files-- > 0
      ? take(reading, source, await contentOf(reading, source))
      : { status: 'skipped', reason: tooMany(reading) }
  if ('reason' in read) return { ...reportOf(source, read.status), reason: read.reason }
  const gaps = read.gaps.map((gap) => noteOf(basename(source.ref), gap))
  return { ...reportOf(source, 'read'), ...(gaps.length > 0 && { note: gaps.join('; ') }) }
}

async function contentOf(reading: Reading, source: SourceRef): Promise<FileContent | Unread> {
  const { signal } = reading
  const { kind, ref, blob, stored } = source
  try {
    if (stored) {
      const content = await reading.readStored!(stored, stored.owner, signal)
      return { ...content, gaps: [...gapOfName(ref, stored.type), ...content.gaps] }
    }
    if (kind === 'model') return probesOfModel(reading, ref)
    if (kind === 'domain') return await reading.domainFiles!.read(ref, signal)
    return await (blob === undefined ? reading.readFile(ref, signal) : reading.readBlob!(blob, ref, signal))
  } catch (error) {
    signal.throwIfAborted()
    const { message, hint } = problemOf(error)
    return { status: 'failed', reason: hint === undefined ? message : `${message.replace(/\.?$/, '.')} ${hint}` }
  }
}

function probesOfModel({ probed }: Reading, ref: string): FileContent | Unread {
  const found = probed.find(({ model }) => model === ref)
  if (found && 'report' in found) return documentOfProbes(found.report)
  return { status: 'failed', reason: found?.fault ?? 'it was not probed' }
}

const tooMany = ({ limits }: Reading) => `only the first ${limits.files} files are read`
const OUT_OF_SIZE = 'the files before it are as much as can be read'

function take(reading: Reading, source: SourceRef, content: FileContent | Unread): FileContent | Unread {
  if ('reason' in content) return content
  const { fileSize } = reading.limits
  const { length } = content.text
  if (length > fileSize) return { status: 'skipped', reason: `longer than ${fileSize} characters` }
  if (length > reading.size) return { status: 'skipped', reason: OUT_OF_SIZE }
  reading.size -= length
  reading.texts.push({ source, content })
  return content
}

/** A sentence about a file, and perhaps more files. A gap that begins with `it` speaks of the file. */
function noteOf(file: string, gap: string, more = 0): string {
  const name = showOnOneLine(file)
  if (more === 0 && gap.startsWith('it ')) return `${name}${gap.slice(2)}`
  const files = more === 0 ? name : `${name} and ${more} more`
  return gap.startsWith(UNREAD) ? `${files} ${more === 0 ? 'was' : 'were'} ${gap}` : `${files}: ${gap}`
}

const UNREAD = 'not read: '

function reportOf({ id, ref, pattern }: SourceRef, status: SourceReport['status']): SourceReport {
  return { source: id, file: pattern === undefined ? ref : `${ref}/${pattern}`, status, passages: 0 }
}

// folders

const FILES_AT_ONCE = 8

/** Reads the files of a domain or folder, perhaps only those that a pattern names. The note names the omitted files. */
export async function readFolder(reading: Reading, source: SourceRef): Promise<SourceReport> {
  const { signal, texts } = reading
  if (reading.files <= 0) return { ...reportOf(source, 'skipped'), reason: tooMany(reading) }
  let walk: FolderWalk
  try {
    walk =
      source.kind === 'domain'
        ? reading.domainFiles!.list(source, reading.files)
        : await reading.listFiles!(source, { files: reading.files, signal })
  } catch (error) {
    signal.throwIfAborted()
    return { ...reportOf(source, 'failed'), reason: problemOf(error).message }
  }
  const before = texts.length
  const read = await readAll(reading, source, walk)
  const count = texts.length - before
  reading.files -= count
  const bounds = [...walk.bounds, ...(read.isCut ? [`only ${count} of ${walk.files.length} files fit`] : [])]
  const losses = [...bounds, ...grouped(read.losses), ...leftOutNote(walk, count === 0 || bounds.length > 0)]
  if (count === 0) return { ...reportOf(source, 'failed'), reason: [nothingRead(source), ...losses].join('; ') }
  const report = { ...reportOf(source, 'read'), files: count }
  return losses.length === 0 ? report : { ...report, note: `${showOnOneLine(report.file)}: ${losses.join('; ')}` }
}

/** Sentences about files that are not read, or not wholly. */
type Loss = { readonly name: string; readonly what: string }

/** Reads the files in their order, as far as they fit. */
async function readAll(
  reading: Reading,
  { id, kind }: SourceRef,
  { files, skipped }: FolderWalk,
): Promise<{ readonly losses: readonly Loss[]; readonly isCut: boolean }> {
  const losses: Loss[] = skipped.map(({ name, reason }) => ({ name, what: `${UNREAD}${reason}` }))
  for (let done = 0; done < files.length; done += FILES_AT_ONCE) {
    const portion = files.slice(done, done + FILES_AT_ONCE)
    const refs = portion.map(({ path }): SourceRef => ({ id, kind: kind === 'domain' ? kind : 'file', ref: path }))
    const contents = await Promise.all(refs.map((ref) => contentOf(reading, ref)))
    for (const [place, { name }] of portion.entries()) {
      const read = take(reading, refs[place]!, contents[place]!)
      if ('reason' in read && read.reason === OUT_OF_SIZE) return { losses, isCut: true }
      if ('reason' in read) losses.push({ name, what: `${UNREAD}${read.reason}` })
      else losses.push(...read.gaps.map((what) => ({ name, what })))
    }
  }
  return { losses, isCut: false }
}

/** Maximum kinds of losses that a note names. */
const MAX_KINDS = 4

/** The same loss of several files is one sentence, and the most frequent come first. */
function grouped(losses: readonly Loss[]): readonly string[] {
  const kinds = [...Map.groupBy(losses, ({ what }) => what)].toSorted(([, one], [, other]) => other.length - one.length)
  const named = kinds.slice(0, MAX_KINDS).map(([what, [first, ...more]]) => noteOf(first!.name, what, more.length))
  const left = kinds.slice(MAX_KINDS).reduce((sum, [, files]) => sum + files.length, 0)
  return left === 0 ? named : [...named, `${left} more files have other gaps`]
}

const nothingRead = ({ pattern }: SourceRef) =>
  pattern === undefined ? 'it has no file that can be read' : 'no file that can be read matches it'
