import { InvalidError, problemOf, TerminalError } from '../../errors.ts'
import { getOrInsert } from '../../lib/collections/get-or-insert.ts'
import { decodeText, isDecoded } from '../../lib/encoding/encoding.ts'
import type { FileRef } from '../../lib/media/file-ref.ts'
import { pagesOfPdf } from '../../lib/media/pdf-pages.ts'
import { pictureSize } from '../../lib/media/picture-size.ts'
import { stripMetadata } from '../../lib/media/strip-metadata.ts'
import type { Document, InputFile } from '../prompt/task.ts'
import { hasBytes, inMegabytes, isReference, kindOfType, referencesIn } from '../request/files.ts'
import type { FileReaders, ModelRequest, ReducedFile } from '../request/request.ts'
import { chooseFiles, type FileChoice, type FileReceiver } from './choose-files.ts'
import { type FileLimits, limitsOf } from './limits.ts'
import { NOTHING_READ, nameOf, type ShownFile, type ShownFiles, type WholeFile } from './shown-file.ts'

/** A request whose texts are documents, with how it shows its other files. */
type ReadRequest = {
  readonly request: ModelRequest
  readonly shown: ShownFiles
  readonly reduced: readonly ReducedFile[]
  /** the files whose bytes it has, each once */
  readonly whole: readonly WholeFile[]
}

/**
 * Reads the files of a request, each once, and those only that the model gets. Texts of `files` become documents.
 * @throws TerminalError `no_eligible_model` if the model does not get one of `files`, and the request does not allow a
 * line instead
 */
export async function readFiles(
  request: ModelRequest,
  findReceiver: () => FileReceiver,
  readers: FileReaders,
): Promise<ReadRequest> {
  const references = referencesIn(request)
  if (references.length === 0) return { request, shown: NOTHING_READ, reduced: [], whole: [] }
  const receiver = { ...findReceiver(), ...(readers.smallPicture && { shrinks: true }) }
  const inline = (request.files ?? []).filter(hasBytes)
  const choices = chooseFiles(references, receiver, inline)
  const readings = new Map<string, Promise<ShownFile>>()
  const readOnce = (file: FileRef) => {
    const choice = choices.get(file)!
    const key = `${file.file} ${JSON.stringify(choice)}`
    return getOrInsert(readings, key, () => readFile(file, choice, receiver, readers))
  }
  const read = await Promise.all(references.map(async (file) => [file, await readOnce(file)] as const))
  const files = withinPages(new Map(read), references, receiver, readers, inline)
  const shown: ShownFiles = (file) => files.get(file) ?? NOTHING_READ(file)
  checkShown(request, shown, receiver)
  const all = [...files.values()]
  const whole = [...new Set(all)].filter((one) => one.type === 'whole')
  return { request: withDocuments(request, shown), shown, reduced: reducedIn(all), whole }
}

/** The files that stand in a request as lines alone. */
function reducedIn(files: readonly ShownFile[]): readonly ReducedFile[] {
  const isGiven = new Set(files.flatMap((one) => (one.type === 'line' ? [] : [one.file.file])))
  const lines = files.flatMap((one) => (one.type === 'line' && !isGiven.has(one.file.file) ? [one] : []))
  return [...new Map(lines.map(({ file: { file, name }, why }) => [file, { file, name, why }])).values()]
}

/** Files within the pages of a request: the newest PDFs stay whole. `references`: the oldest first. */
function withinPages(
  read: ReadonlyMap<FileRef, ShownFile>,
  references: readonly FileRef[],
  { model, limits }: FileReceiver,
  readers: FileReaders,
  inline: readonly InputFile[],
): ReadonlyMap<FileRef, ShownFile> {
  const files = new Map(read)
  let left = inline.reduce((pages, one) => pages - inlinePages(one), limits.pages)
  for (const file of references.toReversed()) {
    const one = files.get(file)!
    if (one.type !== 'whole' || kindOfType(one.file.type) !== 'document') continue
    const pages = pagesOfPdf(one.data) ?? 1
    if (pages <= left) left -= pages
    else files.set(file, lineFor(file, tooManyPages(pages, limits.pages, model), readers))
  }
  return files
}

const inlinePages = ({ mediaType, data }: InputFile) =>
  kindOfType(mediaType) === 'document' ? (pagesOfPdf(Buffer.from(data, 'base64')) ?? 1) : 0

const tooManyPages = (pages: number, most: number, model: string) =>
  pages > most
    ? `it has ${pages} pages, and ${model} takes at most ${most}; split it`
    : `it has ${pages} pages, and newer files take too many of the ${most} that ${model} takes in a request`

/** A request whose text files are documents, which can be shortened. */
export async function withTexts(request: ModelRequest, readers: FileReaders): Promise<ModelRequest> {
  const texts = (request.files ?? []).filter(isReference).filter(({ type }) => kindOfType(type) === 'text')
  if (texts.length === 0) return request
  const limits = limitsOf(undefined)
  const read = await Promise.all(
    texts.map(async (file) => {
      const choice = { type: 'text', first: file.bytes } as const
      return [file.file, await readFile(file, choice, { model: 'the model', limits }, readers)] as const
    }),
  )
  const files = new Map(read)
  return withDocuments(request, (file) => files.get(file.file) ?? NOTHING_READ(file))
}

/** A request that does not allow lines is not sent without one of its files. */
function checkShown(
  { files = [], onUnreadable }: ModelRequest,
  shown: ShownFiles,
  { model, reads }: FileReceiver,
): void {
  if (onUnreadable === 'reduce') return
  for (const file of files) {
    const one = isReference(file) ? shown(file) : undefined
    if (one?.type !== 'line') continue
    const kind = kindOfType(one.file.type)
    const hint = kind !== 'text' && reads(kind) !== 'yes' && SAY_SO
    throw new TerminalError(
      `Model ${model} was not asked, because it would not get the file ${nameOf(one.file)}: ${one.why}.`,
      { code: 'no_eligible_model', ...(hint && { hint }) },
    )
  }
}

const SAY_SO = 'If it takes such files, its `modalities:` in antiphon.yaml say so, for example [vision, pdf].'

/** Texts, and the readings of other files, are documents: every model reads them, and can cite them. */
function withDocuments({ files, ...request }: ModelRequest, shown: ShownFiles): ModelRequest {
  if (!files) return request
  const texts: Document[] = []
  const left = files.filter((file) => {
    const one = isReference(file) ? shown(file) : undefined
    if (one?.type === 'text') texts.push(one.document)
    else if (one?.type === 'line' && one.reading) texts.push(one.reading)
    return one?.type !== 'text'
  })
  return { ...request, documents: [...request.documents, ...texts], ...(left.length > 0 && { files: left }) }
}

async function readFile(
  file: FileRef,
  choice: FileChoice,
  { model, limits }: Pick<FileReceiver, 'model' | 'limits'>,
  readers: FileReaders,
): Promise<ShownFile> {
  const { readFile: read, smallPicture } = readers
  const line = (why: string) => lineFor(file, why, readers)
  if (choice.type === 'line') return line(choice.why)
  if (!read) throw new InvalidError('A request with references to files needs `readFile`.')
  let bytes: Uint8Array
  try {
    bytes = await read(file)
  } catch (error) {
    if (problemOf(error).code !== 'file_not_found') throw error
    return line('it is no longer stored')
  }
  if (choice.type === 'text') return textIn(file, bytes, choice.first) ?? line('its text cannot be decoded')
  const small = smallPicture && (await smallerOne(file, bytes, limits, smallPicture))
  if (small) return { type: 'whole', file: { ...file, type: small.type }, data: small.data }
  if (kindOfType(file.type) === 'image' && bytes.length > limits.picture)
    return line(`it has ${inMegabytes(bytes.length)}, and ${model} takes at most ${inMegabytes(limits.picture)}`)
  const fault = contentFault(file, bytes, limits)
  if (fault !== undefined) return line(fault(model))
  const data = stripMetadata(file.type, bytes)
  return data ? { type: 'whole', file, data } : line(DAMAGED)
}

/** The line of a file, with what a reader found in it. */
function lineFor(file: FileRef, why: string, { readingOf }: Pick<FileReaders, 'readingOf'>): ShownFile {
  const text = readingOf?.(file)
  return { type: 'line', file, why, ...(text !== undefined && { reading: { name: nameOf(file), text } }) }
}

/** Pixels of the longer side that providers look at. More cost more, and show no more. */
const USEFUL_SIDE = 1568

/** A picture that is too large for its model, made smaller. */
async function smallerOne(
  file: FileRef,
  bytes: Uint8Array,
  limits: FileLimits,
  make: NonNullable<FileReaders['smallPicture']>,
) {
  if (kindOfType(file.type) !== 'image') return undefined
  const { width = 0, height = 0 } = pictureSize(file.type, bytes) ?? {}
  const most = { side: Math.min(USEFUL_SIDE, limits.side), bytes: limits.picture }
  return Math.max(width, height) > most.side || bytes.length > most.bytes ? make(file, most) : undefined
}

const DAMAGED = 'it is damaged'

/** The text of a file; if it is not shown to its end, its last line says so. */
function textIn(file: FileRef, bytes: Uint8Array, first: number): ShownFile | undefined {
  const read = decodeText(bytes)
  if (!isDecoded(read)) return undefined
  const length = Math.floor((read.text.length * first) / Math.max(1, bytes.length))
  const isCut = length < read.text.length
  const end = isCut ? `\n(the first ${length} of ${read.text.length} characters)` : ''
  const text = `${isCut ? read.text.slice(0, length) : read.text}${end}`
  return { type: 'text', file, document: { name: nameOf(file), text } }
}

/** The reason why a provider would refuse the content of a picture, as words about a model. */
function contentFault(
  { type }: FileRef,
  bytes: Uint8Array,
  limits: FileLimits,
): ((model: string) => string) | undefined {
  if (kindOfType(type) !== 'image') return undefined
  const size = pictureSize(type, bytes)
  if (!size) return () => DAMAGED
  const { width, height } = size
  if (Math.max(width, height) <= limits.side) return undefined
  return (model) =>
    `it has ${width} × ${height} pixels, and ${model} takes at most ${limits.side} a side; save it as JPEG with fewer`
}
