/**
 * One way from bytes to passages: finds the files of a folder, reads a file, and splits it into passages that can be
 * found and cited. Use it wherever a file of a user becomes text. It knows nothing of what passages are for.
 */

import { createHash } from 'node:crypto'
import { basename, extname } from 'node:path'
import { extensionFor, hasReaders, isReadByExtension, modalityByReader } from '../extension/extensions.ts'
import { unread } from '../extension/reader.ts'
import { mediaTypeOfBytes, mediaTypeOfName, typeOfFile } from '../lib/media/media-type.ts'
import { isTextType } from '../lib/media/text-type.ts'
import { isCodeName } from '../model/text/passages.ts'
import { boundedOffload, createOffload, type OffloadJob } from '../worker/offload/offload.ts'
import { startThread } from '../worker/offload/thread.ts'
import { READER_STRETCH } from '../worker/offload/time-limit.ts'
import { codeByContent } from './code/by-content.ts'
import { isParsed } from './code/read-code.ts'
import { detectedType } from './detect.ts'
import { DOCX_TYPE, type FileDocument, type PackedFile, packFile } from './document.ts'
import { isWordFile, refuseForm } from './forms.ts'
import { isNotebook, NOTEBOOK_TYPE } from './notebook.ts'
import { readBytes, tooLarge } from './open-file.ts'
import type { FileToParse } from './readers.ts'
import { MAX_TEXT_BYTES, parseText } from './text.ts'

/** Maximum bytes of a page, and of a PDF, a DOCX or a notebook. */
const MAX_PAGE_BYTES = 2 * 1024 * 1024
const MAX_PACKED_BYTES = 32 * 1024 * 1024

/** Texts up to this size are read in place, which takes a few milliseconds. Code is always parsed in a thread. */
const MAX_INLINE_BYTES = 32 * 1024

/** Limits of a thread that reads a text or code. PDF, DOCX and HTML are read in a process with limits of its own. */
const PARSE_TIMEOUT_MS = 30_000
const PARSE_HEAP_MB = 256
const PARSE_JOB: OffloadJob = {
  file: new URL(`./readers${extname(import.meta.url)}`, import.meta.url),
  name: 'parseFile',
}

type ReadOptions = {
  readonly signal?: AbortSignal
  /** the media type that the sender of a file stated; absent: the bytes and the name tell it */
  readonly type?: string
  /** threads are divided fairly among shares */
  readonly share?: string
}

/** The version of a file's reader: it changes when the same bytes give other passages, as with a new parser. */
export function readerOf(name: string): number {
  if (isCodeName(name)) return isParsed(name) ? CODE_READER : BLOCK_READER
  return READER
}

const BLOCK_READER = 1
const CODE_READER = 2
/** Before 3, struck text was read as valid, and RTF, notebooks and code in a `.txt` as text. */
const READER = 3

/**
 * The bytes of a file, for `readDocument`. Links are followed; the caller decides which paths may be read.
 * @throws TerminalError with the reason, as words that follow the name
 */
export const readFileBytes = (path: string, signal?: AbortSignal): Promise<Buffer> =>
  readBytes(path, MAX_PACKED_BYTES, signal)

/**
 * Reads a file. Links are followed; the caller decides which paths may be read.
 * @throws TerminalError with the reason, as words that follow the name; InvalidError `peer_missing` if its format needs
 *   a package that is not installed
 */
export async function readDocumentFile(path: string, options: ReadOptions = {}): Promise<FileDocument> {
  return readDocument(basename(path), await readFileBytes(path, options.signal), options)
}

/**
 * Reads the bytes of a file. Text, HTML, PDF and DOCX are read, and long files in a thread with limits. Bytes that were
 * read shortly before are not read again.
 * @throws as `readDocumentFile`
 */
export async function readDocument(name: string, bytes: Buffer, options: ReadOptions = {}): Promise<FileDocument> {
  return readAs(await typeOf(name, bytes, options), name, bytes, options)
}

/** Reads a text that was decoded elsewhere, such as one that came with a question: a page, or a plain text. */
export function readTextDocument(name: string, text: string, options: ReadOptions = {}): Promise<FileDocument> {
  const bytes = Buffer.from(text)
  return readAs(PAGE_NAME.test(name) ? 'text/html' : typeOfText(name, 'text/plain', bytes), name, bytes, options)
}

async function readAs(type: string, name: string, bytes: Buffer, options: ReadOptions): Promise<FileDocument> {
  const most = largestOf(type)
  if (bytes.length > most) throw tooLarge(most)
  const hash = hashOf(bytes)
  const codeName = codeByContent(name, bytes.toString('latin1', 0, MAX_INLINE_BYTES))?.name ?? name
  const key = [hash, extname(name).toLowerCase(), type, readerOf(codeName)].join(' ')
  const isShort = isPlain(type) && bytes.length <= MAX_INLINE_BYTES && !isParsed(codeName)
  const module = isPlain(type) ? undefined : (await extensionFor(type))?.module
  const { metadata, ...read } = await keepReading(key, async () =>
    isShort ? packFile(await parseText(bytes, name)) : parseAside({ type, name, bytes, module }, hash, options),
  )
  const modality = modalityByReader(type) ?? read.modality
  return { ...read, modality, metadata: { hash, bytes: bytes.length, ...metadata } }
}

/** The hash that identifies the bytes of a file. */
export const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** The type that an extension reads, then the type by the bytes, then as the sender stated it, then by the name. */
async function typeOf(name: string, bytes: Buffer, { type: stated, ...terms }: ReadOptions): Promise<string> {
  const [said] = stated?.split(';') ?? []
  const own = hasReaders() ? (await typeOfFile(name, bytes)).type : undefined
  const detected = own && (await detectedType(own, name, bytes, terms))
  if (detected !== undefined) return detected
  if (own !== undefined && isReadByExtension(own)) return own
  const found = await mediaTypeOfBytes(bytes)
  if (found === 'application/pdf') return found
  if (found !== undefined) throw unread(`it is ${found}, which cannot be read as text`)
  const isZip = bytes.subarray(0, 4).equals(ZIP)
  if (isZip && (said === DOCX_TYPE || /\.docx$/i.test(name) || isWordFile(bytes))) return DOCX_TYPE
  refuseForm(name, bytes)
  const type = said ?? (/\.xhtml$/i.test(name) ? 'text/html' : mediaTypeOfName(name)) ?? 'text/plain'
  if (type === 'application/pdf' || /\.docx$/i.test(name))
    throw unread('its content is not what its name says', 'bad_value')
  if (type === 'application/xhtml+xml') return 'text/html'
  return typeOfText(name, isTextType(type) ? type : 'text/plain', bytes)
}

/** A notebook is JSON, and a page may have the name of a text. */
function typeOfText(name: string, type: string, bytes: Buffer): string {
  if (/\.ipynb$/i.test(name)) return NOTEBOOK_TYPE
  if (type === 'application/json') return isNotebook(bytes.toString('latin1')) ? NOTEBOOK_TYPE : type
  const isUnnamed = type === 'text/plain' && (extname(name) === '' || /\.(?:txt|text)$/i.test(name))
  return isUnnamed && PAGE.test(bytes.toString('latin1', 0, 200)) ? 'text/html' : type
}

const PAGE = /^(?:\xef\xbb\xbf)?\s*(?:<!doctype html|<html[\s>])/i

const PAGE_NAME = /\.x?html?$/i
const ZIP = Buffer.from('PK\x03\x04', 'latin1')

/** Whether a file with this name may be read: pictures, sound and archives are not. */
export function isReadableName(name: string): boolean {
  const type = mediaTypeOfName(name)
  return type === undefined || isTextType(type) || isPacked(type)
}

/** The most bytes of a file with this name. */
export const largestFile = (name: string): number =>
  isPackedName(name) ? MAX_PACKED_BYTES : largestOf(mediaTypeOfName(name) ?? 'text/plain')

/** Whether a file with this name is read from its bytes: a PDF, a DOCX or a notebook. */
export const isPackedName = (name: string): boolean => /\.(?:pdf|docx|ipynb)$/i.test(name)

const isPlain = (type: string) => !isPacked(type) && type !== 'text/html'
const isPacked = (type: string) => PACKED.includes(type) || isReadByExtension(type)
const PACKED: readonly string[] = ['application/pdf', DOCX_TYPE, NOTEBOOK_TYPE]

function largestOf(type: string): number {
  if (isPacked(type)) return MAX_PACKED_BYTES
  return type === 'text/html' ? MAX_PAGE_BYTES : MAX_TEXT_BYTES
}

let threads: ReturnType<typeof createOffload> | undefined

function parseAside(file: FileToParse, hash: string, { signal, share = '' }: ReadOptions): Promise<PackedFile> {
  const terms = { share, deadline: PARSE_TIMEOUT_MS, what: 'Reading this file', hint: LESS, signal }
  if (!isPlain(file.type))
    return boundedOffload().run(PARSE_JOB, file, { ...terms, attempt: hash }) as Promise<PackedFile>
  threads ??= createOffload(undefined, (idle, onIdle) => startThread(idle, onIdle, PARSE_HEAP_MB, READER_STRETCH))
  return threads.run(PARSE_JOB, file, terms) as Promise<PackedFile>
}

const LESS = 'Save it as plain text, or in smaller parts.'

/** Bytes of texts and tables that are kept: those of 16 MiB of text and more. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024

const readings = new Map<string, PackedFile>()
let size = 0

/** The reading that has this key, from before or made now. The readings that were used last are readings. */
export async function keepReading(key: string, read: () => Promise<PackedFile> | PackedFile): Promise<PackedFile> {
  const known = readings.get(key)
  const file = known ?? (await read())
  // the newest is the last
  if (!readings.delete(key)) size += sizeOf(file)
  readings.set(key, file)
  for (const [oldest, dropped] of readings) {
    if (size <= MAX_KEPT_BYTES) break
    readings.delete(oldest)
    size -= sizeOf(dropped)
  }
  return file
}

/** Bytes of one fact about code, about. */
const FACT_BYTES = 100

/** A text has one or two bytes for each character, mostly one. */
function sizeOf({ text, units, code }: PackedFile): number {
  const facts = code ? code.symbols.length + code.imports.length + code.calls.length + code.throws.length : 0
  return text.length + units.plain.length + units.columns.byteLength + facts * FACT_BYTES
}
