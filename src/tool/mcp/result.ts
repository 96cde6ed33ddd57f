import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { TerminalError } from '../../errors.ts'
import { present } from '../../lib/json/present.ts'
import { readDataUrl } from '../../lib/media/data-url.ts'
import { ownValue } from '../../lib/own.ts'
import { anyJson } from '../builtin/any-json.ts'
import { saveBytes } from '../builtin/filesystem/save.ts'
import { fileRef } from '../files/attached.ts'
import type { ToolContext } from '../tool.ts'
import type { ListedResource, ResourceContent, ServerAnswer } from './port.ts'
import { plainText } from './settings.ts'
import { isContentBlock } from './transport/whole-results.ts'

/** Maximum bytes of a result as JSON, without the content saved to files. */
const MAX_RESULT_BYTES = 4 * 1024 * 1024

/**
 * A part of a result that is not its text: described, with `path` where its bytes were saved, and as an `attachment`,
 * which a model sees if it takes files of that kind.
 */
export const resultPart = z.object({
  /** image, audio, resource or resource_link; any other kind comes with a note */
  type: z.string(),
  mime: z.string().exactOptional(),
  uri: z.string().exactOptional(),
  name: z.string().exactOptional(),
  title: z.string().exactOptional(),
  description: z.string().exactOptional(),
  text: z.string().exactOptional(),
  size: z.int().exactOptional(),
  path: z.string().exactOptional(),
  attachment: fileRef.exactOptional(),
  note: z.string().exactOptional(),
})

type ResultPart = z.infer<typeof resultPart>

/** A result: its texts together, its structured content (else null), and its other parts. A server may add fields. */
export const mcpResult = z.object({ text: z.string(), data: anyJson, content: z.array(resultPart) }).catchall(anyJson)
export type McpResult = z.infer<typeof mcpResult>

/** The folder for bytes, below the roots. Absent: they are only attached. */
type SavedTo = { readonly folder: string | undefined; readonly context: ToolContext }

/** The result of a tool as data. TerminalError `response_too_large`. */
export async function resultOf(answer: ServerAnswer, to: SavedTo): Promise<McpResult> {
  const texts: string[] = []
  const content: ResultPart[] = []
  for (const block of answer.content) {
    if (!isContentBlock(block)) content.push(unknownPart(block))
    else if (block.type === 'text') texts.push(block.text)
    else if (block.type === 'resource') content.push(await resourcePart(block.resource, to))
    else if (block.type === 'resource_link') content.push(linkPart(block))
    else content.push(await savedPart(block.type, block.data, block, to))
  }
  return bounded({ ...answer.more, text: texts.join('\n'), data: answer.structured, content }) as McpResult
}

/** The parts of a resource as data, and their texts together. */
export async function resourceResultOf(contents: readonly ResourceContent[], to: SavedTo) {
  const parts = await Array.fromAsync(contents, (one) => resourcePart(one, to))
  return bounded({ text: parts.flatMap(({ text }) => text ?? []).join('\n'), contents: parts })
}

/** A part as the server sent it: the rest of the result stays whole. */
function unknownPart(block: unknown): ResultPart {
  const { type } = (block ?? {}) as { readonly type?: unknown }
  const note = 'antiphon does not know this kind of content, so `text` has it as JSON'
  return {
    type: typeof type === 'string' ? plainText(type, 100) : 'unknown',
    note,
    text: JSON.stringify(block) ?? 'null',
  }
}

function bounded<T>(result: T): T {
  const size = Buffer.byteLength(JSON.stringify(result))
  if (size <= MAX_RESULT_BYTES) return result
  throw new TerminalError(`The result has ${size} bytes; at most ${MAX_RESULT_BYTES} become the result of a step.`, {
    code: 'response_too_large',
    hint: 'Ask the server for less.',
  })
}

type Named = { readonly mimeType?: string | undefined; readonly uri?: string; readonly name?: string }

const described = (type: ResultPart['type'], { mimeType, uri, name }: Named): ResultPart => ({
  type,
  ...present({ mime: mimeType, uri, name }),
})

/** A link says what a reader finds there. */
function linkPart(link: ListedResource): ResultPart {
  const { title, description, size } = link
  return {
    ...described('resource_link', link),
    ...(typeof title === 'string' && { title }),
    ...(typeof description === 'string' && { description }),
    ...(Number.isSafeInteger(size) && { size: size! }),
  }
}

async function resourcePart(resource: ResourceContent, to: SavedTo): Promise<ResultPart> {
  if ('text' in resource) return { ...described('resource', resource), text: resource.text }
  return savedPart('resource', resource.blob, resource, to)
}

async function savedPart(type: ResultPart['type'], data: string, named: Named, to: SavedTo): Promise<ResultPart> {
  const url = readDataUrl(data)
  const bytes = url?.data ?? Buffer.from(data, 'base64')
  const about = { ...named, mimeType: named.mimeType ?? (url?.type || undefined) }
  const attachment = await to.context.files?.add(bytes, { name: nameOf(type, about) })
  const known = { ...described(type, about), size: bytes.length, ...(attachment && { attachment }) }
  if (to.folder === undefined) return known
  // named by its content: a repeated call writes the same file
  const name = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  const path = join(to.folder, `${name}${extensionOf(about.mimeType)}`)
  await saveBytes(path, bytes, to.context)
  return { ...known, path }
}

/** The name of a part: the end of its address, or its kind. The store takes care of a name that does not fit. */
function nameOf(type: ResultPart['type'], { uri = '', name, mimeType }: Named): string {
  const last = name ?? uri.split(/[?#]/, 1)[0]!.split('/').at(-1)!
  return last === '' ? `${type}${extensionOf(mimeType)}` : last
}

const EXTENSIONS: { readonly [mime: string]: string | undefined } = {
  'image/jpeg': '.jpg',
  'image/svg+xml': '.svg',
  'audio/mpeg': '.mp3',
  'text/plain': '.txt',
  'application/gzip': '.gz',
}

/** The server chooses the type, so only a plain word becomes part of a name. */
function extensionOf(mime = ''): string {
  const plain = mime.split(';')[0]!.trim().toLowerCase()
  const [, subtype] = /^[a-z]+\/([a-z0-9]{1,10})$/.exec(plain) ?? []
  return ownValue(EXTENSIONS, plain) ?? (subtype === undefined ? '.bin' : `.${subtype}`)
}
