import { extname } from 'node:path'
import { InvalidError } from '../../../errors.ts'
import type { ToolContext } from '../../tool.ts'
import { readFileBytes } from '../filesystem/read.ts'
import type { MarkedDocument } from './document.ts'

const TYPES: { readonly [ending: string]: string | undefined } = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
}

/** Bytes of all pictures of a document. */
const MAX_PICTURES_BYTES = 30_000_000

/** The HTML of a document, with its pictures read from the roots. InvalidError for what is no picture, and for too many bytes. */
export async function withPictures({ html, pictures }: MarkedDocument, context: ToolContext): Promise<string> {
  const sources = new Map<string, string>()
  let size = 0
  for (const [index, path] of pictures.entries()) {
    const type = TYPES[extname(path).toLowerCase()]
    if (!type) throw new InvalidError(`${path}: expected a picture (${Object.keys(TYPES).join(', ')})`)
    const bytes = await readFileBytes(path, context)
    size += bytes.length
    if (size > MAX_PICTURES_BYTES)
      throw new InvalidError(`the pictures have more than ${MAX_PICTURES_BYTES} bytes`, { code: 'too_large' })
    sources.set(String(index), `data:${type};base64,${Buffer.from(bytes).toString('base64')}`)
  }
  // no text can hold this: quotes are escaped everywhere else
  return html.replace(/src="picture:(\d+)"/g, (whole, index: string) =>
    sources.has(index) ? `src="${sources.get(index)}"` : whole,
  )
}
