import { basename } from 'node:path'
import { TerminalError } from '../../../errors.ts'
import { isJsonObject } from '../../../kernel/json.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { InputFile } from '../../../model/prompt/task.ts'
import { checkFileSize } from '../../../model/request/files.ts'
import { detectMediaType } from '../../../model/request/media-types.ts'
import { readFileBytes } from '../../../tool/builtin/filesystem/read.ts'
import { parseListText } from '../../language/parse/inputs/list-text.ts'
import type { AutoAnswer } from '../../plan/auto-tag.ts'
import { type CompiledStep, filesParameterOf, type StepWork } from '../../plan/compiled.ts'
import type { StepContext } from '../context.ts'
import { renderAll } from '../templates/render.ts'
import { contextOf, digest } from '../templates/template-files.ts'

/** A file as a step found it when it was first tried: whatever becomes of it, its model is given the same at each further attempt. */
export type PinnedFile = {
  readonly name: string
  readonly type: string
  /** bytes */
  readonly size: number
  /** where its bytes lie, in base64 */
  readonly blob: string
}

/** Files that one call may take. */
const MOST = 50
const NAME = '__files_'

/** The files of a step as they are now, under a name that stands for what it says of them. */
export async function pinFiles(context: StepContext): Promise<AutoAnswer> {
  const files: PinnedFile[] = []
  let length = 0
  for (const path of pathsFor(context)) {
    const bytes = await readFileBytes(path, contextOf(context))
    const data = bytes.toString('base64')
    checkFileSize((length += data.length))
    const name = basename(path)
    const type = detectMediaType(name, bytes)
    files.push({ name, type, size: bytes.length, blob: await context.services.values.put(data) })
  }
  return { name: pinName(context.step), value: files }
}

/** What a step gives its model: the files as they were first found. */
export async function filesFor(context: StepContext): Promise<readonly InputFile[]> {
  const { step, services, start } = context
  if (filesParameterOf(step.work) === undefined) return []
  const { value } = pinOf(step, start.answers) ?? (await pinFiles(context))
  const files = value as unknown as readonly PinnedFile[]
  return Promise.all(
    files.map(async ({ name, type, blob }) => ({
      name,
      mediaType: type,
      data: (await services.values.get(blob)) as string,
    })),
  )
}

/** The files of a step that are known already. */
export function pinOf(step: CompiledStep, answers: readonly AutoAnswer[] = []): AutoAnswer | undefined {
  const name = pinName(step)
  return answers.find((answer) => answer.name === name)
}

/** What stands for all that files of a step held, however it came to them; undefined: it had none. */
export function digestOfPins(answers: readonly AutoAnswer[] = []): string | undefined {
  const pins = answers.filter(({ name }) => name.startsWith(NAME)).map(({ value }) => value)
  return pins.length === 0 ? undefined : digest(pins)
}

// another step that does its work instead may have files of its own
function pinName({ work }: CompiledStep): string {
  return `${NAME}${digest(saidIn(work).said).slice(0, 16)}`
}

/** What the author wrote of the files, and where. */
function saidIn(work: StepWork): { readonly parameter: string; readonly said: Json } {
  const parameter = filesParameterOf(work) ?? ''
  return { parameter, said: 'parameters' in work ? (work.parameters[parameter] ?? null) : null }
}

// which

function pathsFor({ step, pipeline, scope }: StepContext): readonly string[] {
  const { parameter, said } = saidIn(step.work)
  const what = `parameters.${parameter}`
  const paths = listIn(renderAll(said, pipeline, scope, ['parameters', parameter])).map((item) => pathIn(item, what))
  if (paths.length <= MOST) return paths
  throw new TerminalError(`${what}: ${paths.length} files, and ${MOST} is the most`, { code: 'too_large' })
}

/** One, or several; as text they are a list in JSON. */
function listIn(value: Json): readonly Json[] {
  if (value === null || value === '') return []
  if (Array.isArray(value)) return value
  return typeof value === 'string' && value.trim().startsWith('[') ? parseListText(value) : [value]
}

/** A path, or something that has one, such as an entry of a folder. */
function pathIn(item: Json, what: string): string {
  const path = isJsonObject(item) ? item.path : item
  if (typeof path === 'string' && path.trim() !== '') return path.trim()
  throw new TerminalError(`${what}: ${JSON.stringify(item).slice(0, 80)} is no path of a file`, { code: 'bad_value' })
}
