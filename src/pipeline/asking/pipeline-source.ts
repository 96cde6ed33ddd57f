import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { resolveInRoots } from '../../tool/roots.ts'
import { candidatesFor, LARGEST_PIPELINE, noPipeline, shownPath } from '../below.ts'
import type { Job } from '../work/job.ts'

/** The text of a pipeline, what to call it in findings, and the file that paths in it start from. */
export type PipelineText = { readonly text: string; readonly file: string; readonly source?: string }

/** What `pipeline:` means: a text of several lines or a map is a pipeline itself, anything else a path or an id. */
export async function readPipeline(given: Json, job: Job): Promise<PipelineText> {
  const { source } = job.start.provenance ?? {}
  const inside = { file: `(in step ${job.start.step})`, ...(source !== undefined && { source }) }
  // JSON is YAML
  if (typeof given === 'object' && given !== null) return { text: JSON.stringify(given, null, 2), ...inside }
  const text = String(given).trim()
  if (text.includes('\n')) return { text: String(given), ...inside }
  return readFound(text, job, source === undefined ? undefined : dirname(source))
}

/** Beside the file of the parent first, then where all paths start. */
async function readFound(name: string, { services, roots }: Job, beside: string | undefined): Promise<PipelineText> {
  const bases = [...(beside === undefined ? [] : [beside]), services.root]
  const open = [...roots, ...(beside === undefined ? [] : [beside])]
  for (const root of bases) {
    for (const path of candidatesFor(name)) {
      const file = await resolveInRoots(path, { root, roots: open })
      const found = await stat(file).catch(() => undefined)
      if (!found?.isFile()) continue
      if (found.size > LARGEST_PIPELINE) throw new TerminalError(`${name} is larger than 10 MiB`, { code: 'too_large' })
      return { text: await readFile(file, 'utf8'), file: shownPath(file, services.root), source: file }
    }
  }
  const { message, hint } = noPipeline(name, bases)
  throw new TerminalError(message, { code: 'file_unreadable', hint })
}
