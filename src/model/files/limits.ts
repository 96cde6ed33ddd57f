import type { FileKind } from '../request/files.ts'
import type { Wire } from '../wire/rules.ts'

/**
 * The files that a server takes in one request. The numbers are the smaller ones where a server's documentation and
 * what it does differ.
 */
export type FileLimits = {
  /** the types of each kind; absent: its requests cannot hold the kind */
  readonly types: { readonly [kind in FileKind]?: readonly string[] }
  /** bytes of a picture */
  readonly picture: number
  /** pixels of a side of a picture */
  readonly side: number
  /** pictures of a request */
  readonly pictures: number
  /** pages of a PDF */
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

/**
 * The sources: the pages of each provider about images, documents and sound, and the packages of the AI SDK, which
 * throw for other types.
 */
const LIMITS: { readonly [wire in Wire]?: FileLimits } = {
  // platform.claude.com/docs, "Vision" and "PDF support": 5 MB of base64, which is 3/4 of that in bytes; above 20
  // pictures, each may have 2000 px only
  anthropic: { ...USUAL, types: { image: PICTURES, document: PDF }, picture: 3_900_000, pictures: 20 },
  // ai.google.dev/gemini-api/docs, "Image understanding" and others: 20 MB with the text, as base64
  google: {
    ...USUAL,
    types: {
      image: ['image/png', 'image/jpeg', 'image/webp'],
      document: PDF,
      audio: ['audio/wav', 'audio/mpeg', 'audio/aac', 'audio/ogg', 'audio/flac', 'audio/aiff'],
      video: ['video/mp4', 'video/quicktime', 'video/webm', 'video/x-msvideo', 'video/mpeg'],
    },
    pages: 1000,
    all: 14 * MB,
  },
  // platform.openai.com/docs, "Images and vision" and "File inputs"
  responses: { ...USUAL, types: { image: PICTURES, document: PDF } },
  openai: { ...USUAL, types: { image: PICTURES, document: PDF, audio: SOUND } },
  // docs.mistral.ai, "Vision": 8 pictures of at most 10 MB. Its server takes a PDF in a form of its own, which other
  // servers of its models, and the client for the chat protocol, do not know
  mistral: { ...USUAL, types: { image: PICTURES }, pictures: 8 },
  // console.groq.com/docs/vision: 5 pictures, 4 MB of base64 together
  groq: { ...USUAL, types: { image: PICTURES }, picture: 2_900_000, pictures: 5, all: 2_900_000 },
  // api-docs.deepseek.com: a message is a text
  deepseek: { ...USUAL, types: {} },
}

/** The limits of a server with these rules. */
export const limitsOf = (wire: Wire | undefined): FileLimits => (wire && LIMITS[wire]) ?? USUAL
