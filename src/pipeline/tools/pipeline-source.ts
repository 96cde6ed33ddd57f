import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { TerminalError } from '../../errors.ts'
import type { Json } from '../../kernel/schema.ts'
import { ownerOf } from '../../lib/owner.ts'
import { isWithin, realRoots, resolveInRoots } from '../../tool/roots.ts'
import { isInArea } from '../../tool/writes/area.ts'
import type { LocatedPipelineText, PipelineBundle, PipelineOrigin } from '../language/source/bundle.ts'
import { findInBundle } from '../language/source/bundle.ts'
import { decodePipeline } from '../language/source/files.ts'
import {
  displayPath,
  MAX_CHILD_PIPELINE_BYTES,
  pipelineCandidates,
  pipelineNotFound,
} from '../language/source/resolve.ts'
import type { CallbackWork } from '../plan/compiled.ts'
import type { AskContext } from '../step/context.ts'

/** The pipeline that `pipeline:` means: several lines of text or a map are one themselves, all else is a path or id. */
export async function readChildPipeline(given: Json, context: AskContext): Promise<LocatedPipelineText> {
  const { source, written } = context.start.run.provenance ?? {}
  const from = { ...(source !== undefined && { source }), ...(written !== undefined && { written }) }
  const stored = written === undefined ? undefined : ((await context.services.values.get(written)) as PipelineBundle)
  const includes = source === undefined ? stored && { written: stored } : { beside: source }
  const inside = {
    file: `(in step ${context.start.step})`,
    from: { ...from, ...foreignIn(context, isForeignText(given, context)) },
    ...(includes && { includes }),
  }
  // JSON is YAML
  if (typeof given === 'object' && given !== null) return { text: JSON.stringify(given, null, 2), ...inside }
  const text = String(given).trim()
  if (text.includes('\n')) return { text: String(given), ...inside }
  const found = source === undefined ? await findUploaded(text, context, from, stored) : undefined
  return found ?? readFromDisk(text, context, source === undefined ? undefined : dirname(source))
}

/** A pipeline of the parent's bundle, or one that the owner has uploaded. */
async function findUploaded(
  name: string,
  { services, start }: AskContext,
  from: PipelineOrigin,
  written: PipelineBundle | undefined,
): Promise<LocatedPipelineText | undefined> {
  const along = written && findInBundle(written, name)
  if (written?.files && along !== undefined) {
    const origin = { ...from, ...foreignIn({ start }, start.run.foreign === true) }
    return { text: written.files[along]!, file: along, from: origin, includes: { written, own: along } }
  }
  const uploaded = await services.findUploaded?.(name, ownerOf(start.run.provenance ?? {}))
  if (!uploaded) return undefined
  const found = (await services.values.get(uploaded)) as PipelineBundle
  const origin = { written: uploaded, ...foreignIn({ start }, !found.trusted) }
  return { text: found.text, file: found.name, from: origin, includes: { written: found } }
}

/** Work from the network says of each text whether it came from there, too. */
const foreignIn = ({ start }: Pick<AskContext, 'start'>, foreign: boolean): Pick<PipelineOrigin, 'foreign'> =>
  foreign || start.run.untrusted ? { foreign } : {}

/**
 * Whether a text of a child pipeline came from the network: that of its parent did, or the work did and the author of
 * the parent has not written the text as it is.
 */
function isForeignText(given: Json, { step, start: { run } }: AskContext): boolean {
  if (run.foreign || !run.untrusted) return run.foreign === true
  const { source, written } = run.provenance ?? {}
  // a model has written the steps of a run without a source
  if (run.chosenByModel && source === undefined && written === undefined) return true
  // the code of a program names it
  if (!step) return false
  const { opaque, parameters } = step.work as CallbackWork
  return !isDeepStrictEqual(given, opaque?.pipeline ?? parameters.pipeline)
}

/** Whether work from the network may have written a file: it lies where the run itself may write. */
async function isForeignFile(file: string, { services, start: { run }, roots }: AskContext): Promise<boolean> {
  if (!run.foreign && !run.untrusted) return false
  const { open, fixed } = await realRoots({ root: services.root, roots })
  return !fixed.includes(file) && open.some((folder) => isWithin(folder, file))
}

/** A person approves the path of a file, and not its content: a model may have written it there without asking. */
function writtenByModel(name: string): TerminalError {
  return new TerminalError(`${name} lies in a folder that calls of a model may write in: a model cannot run it.`, {
    code: 'outside_root',
    hint: 'Give the text of the pipeline, or let a person run the file.',
  })
}

/** Beside the parent's file first, then where all paths start. */
async function readFromDisk(
  name: string,
  context: AskContext,
  beside: string | undefined,
): Promise<LocatedPipelineText> {
  const { services, roots } = context
  const bases = [...(beside === undefined ? [] : [beside]), services.root]
  const open = [...roots, ...(beside === undefined ? [] : [beside])]
  for (const root of bases) {
    for (const path of pipelineCandidates(name)) {
      const file = await resolveInRoots(path, { root, roots: open })
      const found = await stat(file).catch(() => undefined)
      if (!found?.isFile()) continue
      if (context.start.run.chosenByModel && isInArea(file, services.area)) throw writtenByModel(name)
      if (found.size > MAX_CHILD_PIPELINE_BYTES)
        throw new TerminalError(`${name} is larger than 10 MiB.`, { code: 'too_large' })
      const text = decodePipeline(await readFile(file), name)
      const from = { source: file, ...foreignIn(context, await isForeignFile(file, context)) }
      return { text, file: displayPath(file, services.root), from, includes: { beside: file } }
    }
  }
  const { message, hint } = pipelineNotFound(name, bases)
  throw new TerminalError(message, { code: 'file_unreadable', hint })
}
