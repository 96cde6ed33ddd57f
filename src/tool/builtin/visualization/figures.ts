import { extname } from 'node:path'
import { z } from 'zod'
import { InvalidError } from '../../../errors.ts'
import type { Json } from '../../../kernel/schema.ts'
import type { ToolContext } from '../../tool.ts'
import { anyJson } from '../any-json.ts'
import { readFileBytes } from '../filesystem/read.ts'

/** Charts that were saved before: paths, or the result of `create_charts`. */
export const figuresInput = anyJson.describe('paths of pictures, or the result of create_charts')

const MAX_FIGURES = 50

/** The paths in what a caller gives as charts. InvalidError for anything else. */
export function pathsIn(given: Json | undefined, parameter: string): readonly string[] {
  const { charts, files } = (isMap(given) ? given : {}) as { readonly [field: string]: Json | undefined }
  const paths = z
    .array(z.string().min(1))
    .min(1)
    .max(MAX_FIGURES)
    .safeParse(typeof given === 'string' ? listIn(given) : (charts ?? files ?? given))
  if (paths.success) return paths.data
  throw new InvalidError(`${parameter}: expected 1 to ${MAX_FIGURES} paths of pictures`, { place: { path: parameter } })
}

const isMap = (given: Json | undefined) => typeof given === 'object' && given !== null && !Array.isArray(given)

/** A list that a template wrote, or one path. */
function listIn(text: string): unknown {
  if (!/^\s*\[/.test(text)) return [text.trim()]
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A picture that was saved before. */
export type Figure = { readonly path: string; readonly type: 'image/png' | 'image/svg+xml'; readonly bytes: Uint8Array }

export async function readFigure(path: string, context: ToolContext): Promise<Figure> {
  const ending = extname(path).toLowerCase()
  const type = ending === '.png' ? 'image/png' : ending === '.svg' ? 'image/svg+xml' : undefined
  if (!type) throw new InvalidError(`${path}: expected a chart in png or svg`, { hint: 'draw it with format: svg' })
  return { path, type, bytes: await readFileBytes(path, context) }
}

/** The text of an SVG that draws all by itself. InvalidError for one with pictures or entities, which would read files. */
export function plainSvg({ path, bytes }: Figure): string {
  const text = Buffer.from(bytes).toString('utf8')
  if (!/<(?:[\w-]+:)?(?:fe)?image\b|<!doctype|<!entity/i.test(text)) return text
  throw new InvalidError(`${path}: expected an SVG without pictures and entities`)
}
