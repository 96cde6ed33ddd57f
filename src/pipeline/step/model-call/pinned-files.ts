import { basename } from 'node:path'
import { TerminalError } from '../../../errors.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import { decodeText, encodingNote, isDecoded } from '../../../lib/encoding/encoding.ts'
import type { InputFile } from '../../../model/prompt/task.ts'
import { checkFileSize } from '../../../model/request/files.ts'
import { detectMediaType, mediaTypeOfBytes } from '../../../model/request/media-types.ts'
import { readFileBytes } from '../../../tool/builtin/filesystem/read.ts'
import type { ToolContext } from '../../../tool/tool.ts'
import { parseListText } from '../../language/parse/inputs/list-text.ts'
import type { AutoAnswer } from '../../plan/auto-tag.ts'
import { type CompiledStep, filesParameterOf, type StepWork } from '../../plan/compiled.ts'
import type { StepContext } from '../context.ts'
import { renderAll } from '../templates/render.ts'
import { digestJson, toolContextOf } from '../templates/template-files.ts'

/** A file as it was at the first attempt. Each further attempt sends the same content to the model. */
type PinnedFile = {
  readonly name: string
  readonly type: string
  /** bytes */
  readonly size: number
  /** the hash of the blob with its bytes, in base64 */
  readonly blob: string
}

/** Maximum files of one call. */
const MAX_FILES = 50
const PIN_PREFIX = '__files_'

/** The current files of a step, under a name derived from what the author wrote. */
export async function pinFiles(context: StepContext): Promise<AutoAnswer> {
  const files: PinnedFile[] = []
  let length = 0
  for (const path of pathsFor(context)) {
    const toolContext = toolContextOf(context)
    const bytes = inUtf8(await readFileBytes(path, toolContext), path, toolContext)
    const data = bytes.toString('base64')
    checkFileSize((length += data.length))
    const name = basename(path)
    const type = detectMediaType(name, bytes)
    files.push({ name, type, size: bytes.length, blob: await context.services.values.put(data) })
  }
  return { name: pinName(context.step), value: files }
}

/** Models read texts as UTF-8: a text in another encoding is converted. */
function inUtf8(bytes: Buffer, path: string, { tell }: Pick<ToolContext, 'tell'>): Buffer {
  const read = mediaTypeOfBytes(bytes) === undefined ? decodeText(bytes) : undefined
  if (!read || !isDecoded(read)) return bytes
  const note = encodingNote(path, read)
  if (note === undefined) return bytes
  tell?.({ warning: note })
  return Buffer.from(read.text)
}

/** The files that a step gives its model, as they were when pinned. */
export async function modelFilesOf(context: StepContext): Promise<readonly InputFile[]> {
  const { step, services, start } = context
  if (filesParameterOf(step.work) === undefined) return []
  const { value } = findPin(step, start.answers) ?? (await pinFiles(context))
  const files = value as readonly PinnedFile[]
  return Promise.all(
    files.map(async ({ name, type, blob }) => ({
      name,
      mediaType: type,
      data: (await services.values.get(blob)) as string,
    })),
  )
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

function pathsFor({ step, pipeline, scope }: StepContext): readonly string[] {
  const { parameter, said } = authoredFilesOf(step.work)
  const what = `parameters.${parameter}`
  const paths = listIn(renderAll(said, pipeline, scope, ['parameters', parameter])).map((item) => pathIn(item, what))
  if (paths.length <= MAX_FILES) return paths
  throw new TerminalError(`${what}: expected at most ${MAX_FILES} files, got ${paths.length}.`, { code: 'too_large' })
}

/** One file, or several; as text they are a JSON list. */
function listIn(value: Json): readonly Json[] {
  if (value === null || value === '') return []
  if (Array.isArray(value)) return value
  return typeof value === 'string' && value.trim().startsWith('[') ? parseListText(value) : [value]
}

/** A path, or an object with a path, such as an entry of a folder. */
function pathIn(item: Json, what: string): string {
  const path = isJsonObject(item) ? item.path : item
  if (typeof path === 'string' && path.trim() !== '') return path.trim()
  throw new TerminalError(`${what}: expected the path of a file, got ${JSON.stringify(item).slice(0, 80)}.`, {
    code: 'bad_value',
  })
}
