import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import type { Loop } from '../compiled.ts'
import { storeRef } from '../values.ts'
import type { Deed, Job } from './job.ts'
import { renderAll } from './render.ts'

const MOST = 100_000

/** What a loop goes over, stored as one value. TerminalError when it is no list or longer than 100 000. */
export async function openLoop(loop: Loop, { services, pipeline, scope }: Job): Promise<Deed> {
  const list = listOf(renderAll(loop.list, pipeline, scope, ['for_each']))
  if (list.length > MOST)
    throw new TerminalError(`for_each: ${list.length} items, at most ${MOST}`, { code: 'too_large' })
  return { type: 'loop', reply: { list: await storeRef(services.values, list), length: list.length } }
}

/** The list a value is or stands for: a map's entries, JSON text, `[a, b]`, `a, b`, or one single text. */
export function listOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return listIn(value.trim())
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([key, item]) => ({ key, value: item ?? null }))
  }
  throw new TerminalError(`for_each: ${JSON.stringify(value)} is no list`, { code: 'loop_list' })
}

function listIn(text: string): readonly Json[] {
  if (text === '') return []
  const json = parseList(text)
  if (json) return json
  const inner = /^\[([\s\S]*)\]$/.exec(text)?.[1] ?? text
  return inner
    .split(',')
    .map((item) => item.trim().replace(/^(["'])(.*)\1$/, '$2'))
    .filter((item) => item !== '')
}

function parseList(text: string): readonly Json[] | undefined {
  try {
    const value = JSON.parse(text) as Json
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
