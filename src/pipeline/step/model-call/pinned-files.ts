import { basename } from 'node:path'
import { TerminalError } from '../../../errors.ts'
import { isJsonObject, type Json } from '../../../kernel/json.ts'
import { decodeText, encodingNote, isDecoded } from '../../../lib/encoding/encoding.ts'
import { type FileRef, fileIdOf, isFileId, isFileRef } from '../../../lib/media/file-ref.ts'
import { mediaTypeOfBytes, typeOfFile, UNKNOWN_TYPE } from '../../../lib/media/media-type.ts'
import { isTextType } from '../../../lib/media/text-type.ts'
import { checkFileSize } from '../../../model/request/files.ts'
import type { StepContext } from '../../../step/call/context.ts'
import { toolContextOf } from '../../../step/call/tool-context.ts'
import { filesOfOwner, noFiles } from '../../../step/model-call/given-files.ts'
import { readFileBytes } from '../../../tool/builtin/filesystem/read.ts'
import type { ToolContext } from '../../../tool/tool.ts'
import { parseListText } from '../../language/parse/inputs/list-text.ts'
import type { AutoAnswer } from '../../plan/auto-tag.ts'
import { type CompiledStep, filesParameterOf, type StepWork } from '../../plan/compiled.ts'
import type { PipelineContext } from '../context.ts'
import { renderAll } from '../templates/render.ts'
import { digestJson } from '../templates/template-files.ts'

/** Maximum files of one call. */
const MAX_FILES = 50
const PIN_PREFIX = '__files_'

/** The current files of a step, under a name derived from what the author wrote. */
export const pinFiles = async (context: PipelineContext): Promise<AutoAnswer> => ({
  name: pinName(context.step),
  value: await pinAll(filesFor(context), context),
})

/** The files of a tool: those that its step has pinned, or of a call by its name those that its value names. */
export const filesOfCall = async (parameter: string, named: Json, context: StepContext): Promise<readonly FileRef[]> =>
  context.modelFiles?.() ?? pinAll(filesIn(named, `parameters.${parameter}`), context)

async function pinAll(all: readonly NamedFile[], context: StepContext): Promise<FileRef[]> {
  const files: FileRef[] = []
  let size = 0
  for (const named of all) {
    const file = typeof named === 'string' ? await pinPath(named, context) : await findStored(named.file, context)
    checkFileSize(Math.ceil((size += file.bytes) / 3) * 4)
    files.push(file)
  }
  return files
}

async function pinPath(path: string, context: StepContext): Promise<FileRef> {
  const { name, type, bytes } = await readForModel(path, context)
  return { file: fileIdOf(await pinsOf(context).put(bytes)), type, name, bytes: bytes.length }
}

/** A file as a model reads it: texts are in UTF-8. */
export async function readForModel(path: string, context: StepContext) {
  const toolContext = toolContextOf(context)
  const bytes = await inUtf8(await readFileBytes(path, toolContext), path, toolContext)
  const name = basename(path)
  return { name, type: await sentType(name, bytes), bytes }
}

/** A file of the owner of the run. It stays as it is, because its id is the hash of its content. */
const findStored = (file: string, context: StepContext): Promise<FileRef> => filesOfOwner(context).find(file)

function pinsOf({ services }: StepContext) {
  if (!services.pins) throw noFiles()
  return services.pins
}

/** Models read texts as UTF-8: a text in another encoding is converted. */
async function inUtf8(bytes: Buffer, path: string, { tell }: Pick<ToolContext, 'tell'>): Promise<Buffer> {
  const read = (await mediaTypeOfBytes(bytes)) === undefined ? decodeText(bytes) : undefined
  if (!read || !isDecoded(read)) return bytes
  const note = encodingNote(path, read)
  if (note === undefined) return bytes
  tell?.({ warning: note })
  return Buffer.from(read.text)
}

/** The type of a file that a model may read. TerminalError for others, and where name and content contradict. */
export async function sentType(name: string, bytes: Buffer): Promise<string> {
  const { type, said } = await typeOfFile(name, bytes)
  if (said !== undefined && (isTextType(type) || type === UNKNOWN_TYPE))
    throw wrong(`${name} does not have the content of ${said}, which its name says.`)
  if (said !== undefined) throw wrong(`${name} has the content of ${type}, but its name says ${said}.`)
  if (isTextType(type) || (await mediaTypeOfBytes(bytes)) !== undefined) return type
  throw wrong(`Expected text, an image, audio, video or a PDF, got ${name}, which is ${type}.`)
}

const wrong = (message: string) => new TerminalError(message, { code: 'bad_value' })

/** The files that a step gives its model, as they were at the first attempt. Further attempts send the same content. */
export async function modelFilesOf(context: PipelineContext): Promise<readonly FileRef[]> {
  const { step, start } = context
  if (filesParameterOf(step.work) === undefined) return []
  const { value } = findPin(step, start.work.order.answers) ?? (await pinFiles(context))
  return value as readonly FileRef[]
}

/** The pinned files of a step, if there are any. */
export function findPin(step: CompiledStep, answers: readonly AutoAnswer[] = []): AutoAnswer | undefined {
  const name = pinName(step)
  return answers.find((answer) => answer.name === name)
}

/** A digest of all pinned files; undefined when there are none. */
export function digestPins(answers: readonly AutoAnswer[] = []): string | undefined {
  const pins = answers.filter(({ name }) => name.startsWith(PIN_PREFIX)).map(({ value }) => value)
  return pins.length === 0 ? undefined : digestJson(pins)
}

// another step that runs as its substitute may have files of its own
function pinName({ work }: CompiledStep): string {
  return `${PIN_PREFIX}${digestJson(authoredFilesOf(work).said).slice(0, 16)}`
}

/** The author's value for the files, and its parameter. */
function authoredFilesOf(work: StepWork): { readonly parameter: string; readonly said: Json } {
  const parameter = filesParameterOf(work) ?? ''
  return { parameter, said: 'parameters' in work ? (work.parameters[parameter] ?? null) : null }
}

// lists of files

/** The files that the author names for a step. */
export function filesFor({ step, pipeline, scope }: PipelineContext): readonly NamedFile[] {
  const { parameter, said } = authoredFilesOf(step.work)
  return filesIn(renderAll(said, pipeline, scope, ['parameters', parameter]), `parameters.${parameter}`)
}

function filesIn(value: Json, what: string): readonly NamedFile[] {
  const files = listIn(value).map((item) => fileIn(item, what))
  if (files.length <= MAX_FILES) return files
  throw new TerminalError(`${what}: expected at most ${MAX_FILES} files, got ${files.length}.`, { code: 'too_large' })
}

/** One file, or several; as text they are a JSON list. */
function listIn(value: Json): readonly Json[] {
  if (value === null || value === '') return []
  if (Array.isArray(value)) return value
  return typeof value === 'string' && value.trim().startsWith('[') ? parseListText(value) : [value]
}

/** The path of a file, or a reference to one. */
type NamedFile = string | { readonly file: string }

/** A reference or its id, a path, or an object with a path, such as an entry of a folder. */
function fileIn(item: Json, what: string): NamedFile {
  if (isFileRef(item)) return item
  if (isFileId(item)) return { file: item }
  const path = isJsonObject(item) ? item.path : item
  if (typeof path === 'string' && path.trim() !== '') return path.trim()
  throw new TerminalError(`${what}: expected the path of a file, got ${JSON.stringify(item).slice(0, 80)}.`, {
    code: 'bad_value',
  })
}
