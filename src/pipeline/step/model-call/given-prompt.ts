import { createHash } from 'node:crypto'
import { is } from '../../../errors.ts'
import { hashOfFile } from '../../../lib/media/file-ref.ts'
import { isTextType } from '../../../lib/media/text-type.ts'
import type { InputFile } from '../../../model/prompt/task.ts'
import { toModelMessages } from '../../../model/request/messages.ts'
import type { ModelRequest, RequestFile } from '../../../model/request/request.ts'
import type { GivenFile, GivenPrompt } from '../../../step/record/outcome.ts'
import type { PipelineContext } from '../context.ts'
import { filesFor, readForModel } from './pinned-files.ts'

/** Characters of a stored digest. */
const DIGEST_LENGTH = 16
const digestOf = (content: string | Uint8Array) =>
  createHash('sha256').update(content).digest('hex').slice(0, DIGEST_LENGTH)

/** A prompt in the form of the model that answers. */
export async function promptFor(request: ModelRequest, model: string | undefined, { services }: Services) {
  const form = await services.models.formOf?.({ ...request, ...(model !== undefined && { model }) })
  return (files: readonly RequestFile[] = []) => toModelMessages({ ...request, files }, form)
}

type Services = Pick<PipelineContext, 'services'>
type Messages = ReturnType<typeof toModelMessages>

/** A prompt in short, as a model got it: it tells later whether the same can still be shown. Secrets are not in it. */
export async function givenPrompt(request: ModelRequest, model: string, context: Services): Promise<GivenPrompt> {
  const { files = [] } = request
  const digest = digestOfTexts((await promptFor(request, model, context))(), context)
  return { digest, ...(files.length > 0 && { files: files.map(givenFile) }) }
}

function digestOfTexts(messages: Messages, { services }: Services): string {
  const texts = messages.map(({ text }) => text)
  return digestOf(JSON.stringify(services.secrets?.shown(texts) ?? texts))
}

function givenFile(file: RequestFile): GivenFile {
  if ('data' in file) {
    const bytes = Buffer.from(file.data, 'base64')
    return { name: file.name ?? 'file', type: file.mediaType, bytes: bytes.length, digest: digestOf(bytes) }
  }
  const { name, type, bytes } = file
  return { name, type, bytes, digest: hashOfFile(file.file).slice(0, DIGEST_LENGTH) }
}

/** The messages of a request rendered again, with the texts of files, and how they differ from what the model got. */
export async function shownPrompt(
  request: ModelRequest,
  model: string | undefined,
  given: GivenPrompt,
  context: PipelineContext,
): Promise<{ readonly messages: Messages; readonly changed: string[] }> {
  const { digest, files = [] } = given
  const prompt = await promptFor(request, model, context)
  const changed = digestOfTexts(prompt(), context) === digest ? [] : [TEXT_CHANGED]
  const texts: InputFile[] = []
  const named = files.length > 0 ? filesFor(context) : []
  for (const [place, file] of files.entries()) {
    if (!isTextType(file.type)) continue
    const bytes = await readAgain(named[place], context)
    if (bytes && digestOf(bytes) === file.digest)
      texts.push({ name: file.name, mediaType: file.type, data: bytes.toString('base64') })
    else
      changed.push(`${file.name} ${bytes ? 'has changed since' : 'cannot be read any more'}, so its text is missing.`)
  }
  return { messages: prompt(texts), changed }
}

const TEXT_CHANGED =
  'The text differs from the one that the model got: a file or a value that it reads has changed since.'

async function readAgain(
  named: ReturnType<typeof filesFor>[number] | undefined,
  context: PipelineContext,
): Promise<Buffer | undefined> {
  if (named === undefined) return undefined
  try {
    if (typeof named === 'string') return (await readForModel(named, context)).bytes
    const bytes = await context.services.pins?.get(hashOfFile(named.file))
    return bytes && Buffer.from(bytes)
  } catch (error) {
    if (is(error)) return undefined
    throw error
  }
}
