import type { Needs } from '../../worker/capabilities.ts'
import { isText } from '../request/files.ts'
import type { ModelRequest } from '../request/request.ts'

/** Characters of a token, at most: of a text it is only said how many it has at least. */
const LONGEST_TOKEN = 8

/** What a model has to offer for a request: what takes its files and its tools, and as many tokens as its texts have at least. Any can be asked for JSON in words. */
export function needsOf(request: ModelRequest): Needs {
  const { files = [], tools = [] } = request
  const types = files.filter((file) => !isText(file)).map(({ mediaType }) => mediaType)
  const isAny = (kind: string) => types.some((type) => type.startsWith(`${kind}/`))
  const others = types.some((type) => !/^(?:image|audio|video)\//.test(type))
  const modalities = [...(isAny('video') ? ['video'] : []), ...(others ? ['document'] : [])]
  const tokens = request.form ? 0 : tokensAtLeast(request)
  return {
    ...(isAny('image') && { vision: true }),
    ...(isAny('audio') && { audio: true }),
    ...(modalities.length > 0 && { modalities }),
    ...(tools.length > 0 && { tools: true }),
    ...(tokens > 0 && { contextTokens: tokens }),
  }
}

function tokensAtLeast({ documents, instruction, system = '', files = [] }: ModelRequest): number {
  const texts = [...documents.map(({ text }) => text), instruction, system]
  const characters = texts.reduce((sum, text) => sum + text.length, 0)
  return Math.floor((characters + files.filter(isText).reduce(addFile, 0)) / LONGEST_TOKEN)
}

/** Four characters of base64 are three bytes, and four bytes are the most that a character of a text has. */
const addFile = (sum: number, { data }: { readonly data: string }) => sum + Math.floor((data.length * 3) / 16)
