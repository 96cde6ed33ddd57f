import type { FileKind } from '../request/files.ts'
import type { Wire } from '../wire/rules.ts'

/** The files that a server takes in one request, by the smaller numbers of its documentation and behaviour. */
export type FileLimits = Numbers & {
  /** the types of each kind; absent: its requests cannot hold the kind */
  readonly types: { readonly [kind in FileKind]?: readonly string[] }
}
type Numbers = {
  /** bytes of a picture */
  readonly picture: number
  /** pixels of a side of a picture */
  readonly side: number
  /** pictures of a request */
  readonly pictures: number
  /** pages of all PDFs of a request */
  readonly pages: number
  /** bytes of all files of a request */
  readonly all: number
}

const MB = 1_000_000
const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']
const SOUND = ['audio/wav', 'audio/mpeg']
const PDF = ['application/pdf']

/** A server about which nothing more is known. What its models take of these is for their descriptions to say. */
const USUAL: FileLimits = {
  types: { image: PICTURES, document: PDF, audio: SOUND, video: ['video/mp4', 'video/webm'] },
  picture: 5 * MB,
  side: 8000,
  pictures: 50,
  pages: 100,
  all: 20 * MB,
}

/** The types are those that the packages of the AI SDK take, which throw for others. */
const TYPES: { readonly [wire in Wire]?: FileLimits['types'] } = {
  anthropic: { image: PICTURES, document: PDF },
  google: {
    image: ['image/png', 'image/jpeg', 'image/webp'],
    document: PDF,
    audio: ['audio/wav', 'audio/mpeg', 'audio/aac', 'audio/ogg', 'audio/flac', 'audio/aiff'],
    video: ['video/mp4', 'video/quicktime', 'video/webm', 'video/x-msvideo', 'video/mpeg'],
  },
  responses: { image: PICTURES, document: PDF },
  openai: { image: PICTURES, document: PDF, audio: SOUND },
  // its server takes a PDF in a form that other servers of its models, and the chat protocol's client, do not know
  mistral: { image: PICTURES },
  groq: { image: PICTURES },
  // api-docs.deepseek.com: a message is a text
  deepseek: {},
}

const CLAUDE = 'platform.claude.com/docs/en/build-with-claude'
const GEMINI = 'ai.google.dev/gemini-api/docs'
const OPENAI = 'developers.openai.com/api/docs/guides'

/** A limit of a server, what its page says, and the day on which that was read. */
type Row = readonly [wire: Wire, limit: keyof Numbers, most: number, page: string, says: string, read: string]

const ROWS: readonly Row[] = [
  ['anthropic', 'picture', 3_900_000, `${CLAUDE}/vision`, '5 MB of base64', '2026-11-29'],
  ['anthropic', 'side', 8000, `${CLAUDE}/vision`, '8000 pixels, 2000 above 20 pictures', '2026-11-29'],
  ['anthropic', 'pictures', 20, `${CLAUDE}/vision`, '100, smaller ones above 20', '2026-11-29'],
  ['anthropic', 'pages', 100, `${CLAUDE}/pdf-support`, '100, or 600 for a window above 200k', '2026-11-29'],
  ['anthropic', 'all', 20 * MB, `${CLAUDE}/pdf-support`, '32 MB with all else, as base64', '2026-11-29'],
  ['google', 'pages', 1000, `${GEMINI}/document-processing`, '1000 pages', '2026-11-29'],
  ['google', 'all', 14 * MB, `${GEMINI}/image-understanding`, '20 MB with the text, as base64', '2026-11-29'],
  ['responses', 'pictures', 50, `${OPENAI}/images-vision`, '1,500; 50 by Azure', '2026-11-29'],
  ['responses', 'pages', 100, `${OPENAI}/pdf-files`, 'no number; 100 before', '2026-11-29'],
  ['responses', 'all', 20 * MB, `${OPENAI}/images-vision`, '512 MB; 50 MB of pictures before', '2026-11-29'],
  ['openai', 'pictures', 50, `${OPENAI}/images-vision`, '1,500; 50 by Azure', '2026-11-29'],
  ['openai', 'pages', 100, `${OPENAI}/pdf-files`, 'no number; 100 before', '2026-11-29'],
  ['openai', 'all', 20 * MB, `${OPENAI}/images-vision`, '512 MB; 50 MB of pictures before', '2026-11-29'],
  ['mistral', 'picture', 5 * MB, 'docs.mistral.ai/capabilities/vision', '10 MB', '2026-11-29'],
  ['mistral', 'pictures', 8, 'docs.mistral.ai/capabilities/vision', '8 by its API', '2026-11-29'],
  ['groq', 'picture', 2_900_000, 'console.groq.com/docs/vision', '4 MB of base64 in a request', '2026-11-29'],
  ['groq', 'pictures', 5, 'console.groq.com/docs/vision', '5', '2026-11-29'],
  ['groq', 'all', 2_900_000, 'console.groq.com/docs/vision', '4 MB of base64 in a request', '2026-11-29'],
]

/** The limits of a server with these rules. */
export function limitsOf(wire: Wire | undefined): FileLimits {
  const rows = ROWS.filter(([of]) => of === wire).map(([, limit, most]) => [limit, most] as const)
  return { ...USUAL, ...Object.fromEntries(rows), types: (wire && TYPES[wire]) ?? USUAL.types }
}
