import { z } from 'zod'
import { maybe, type Plain } from '../../document.ts'
import { problemOf, TimeoutError } from '../../errors.ts'
import { clip } from '../../lib/clip.ts'
import { inTime } from '../../lib/time/in-time.ts'
import type { Tool } from '../tool.ts'

/** How the system behind a tool is. */
export const toolHealth = z
  .object({
    tool: z.string(),
    health: z.enum(['ok', 'failed']),
    text: maybe(z.string()).meta({ description: 'what the tool says, or why it failed' }),
    capabilities: z.array(z.string()),
  })
  .meta({ id: 'ToolHealth' })

/** How the system behind a tool is, and what the tool can do. */
export type ToolHealth = Plain<typeof toolHealth>

const TIMEOUT_MS = 5000
const MAX_TEXT = 500

/** Asks all tools that have a `health`, at once. `redact` removes secrets from what they say. Never rejects. */
export function askHealth(tools: readonly Tool[], redact: (text: string) => string): Promise<readonly ToolHealth[]> {
  const asked = tools.filter(({ health }) => health !== undefined)
  return Promise.all(asked.map((tool) => healthOf(tool, redact)))
}

async function healthOf(tool: Tool, redact: (text: string) => string): Promise<ToolHealth> {
  const about = { tool: tool.name, capabilities: tool.capabilities ?? [] }
  const shown = (text: string) => clip(redact(text).replace(/\s+/g, ' '), MAX_TEXT)
  try {
    const said = await within(TIMEOUT_MS, async (signal) => tool.health!(signal))
    if (said !== undefined && typeof said !== 'string')
      return { ...about, health: 'failed', text: `expected a text from its health, got ${typeof said}` }
    return { ...about, health: 'ok', ...(said !== undefined && { text: shown(said) }) }
  } catch (error) {
    return { ...about, health: 'failed', text: shown(problemOf(error).message) }
  }
}

/** The outcome of work, or a TimeoutError. Work that does not heed its signal is left alone. */
async function within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const control = new AbortController()
  return inTime(work(control.signal), ms, () => {
    const late = new TimeoutError(`Its health was not known after ${ms / 1000} s.`)
    control.abort(late)
    return late
  })
}
