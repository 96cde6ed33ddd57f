import { createHash } from 'node:crypto'
import { is, TerminalError } from '../../../errors.ts'
import { toolContextOf } from '../../../step/call/tool-context.ts'
import type { TemplateScope } from '../../../template/template.ts'
import { existsTool, readFileTool } from '../../../tool/builtin/filesystem/read.ts'
import type { CallContext } from '../../../tool/tool.ts'
import { type AutoTag, isAskedPerIteration } from '../../plan/auto-tag.ts'
import type { CompiledStep, LoopCondition } from '../../plan/compiled.ts'
import type { PipelineContext } from '../context.ts'
import { isTrue, renderAll } from './render.ts'
import type { TemplateFiles } from './surroundings.ts'

/** The number of files that the templates of one attempt may read. */
const MAX_FILES = 100
/** Maximum characters of those files in total. */
const MAX_FILE_CHARS = 64 * 1024 * 1024

/** The files known so far, and those that were read without being known. */
export type FileLookup = TemplateFiles & {
  readonly known: Map<string, string | boolean | undefined>
  readonly wanted: Set<string>
}

/** No file is known yet. Reading one records it and fails the rendering. */
export function createFileLookup(): FileLookup {
  const known = new Map<string, string | boolean | undefined>()
  const wanted = new Set<string>()
  const find = (key: string) => {
    if (known.has(key)) return known.get(key)
    wanted.add(key)
    throw new TerminalError(`The file ${key} has not been read yet.`, { code: 'file_unread' })
  }
  return { known, wanted, read: (path) => find(`read ${path}`), exists: (path) => find(`look ${path}`) }
}

/**
 * Reads, before a step acts, the files that its templates ask for. Rendering is
 * synchronous and reading is not: so the templates are rendered repeatedly to find the
 * files, until they ask for no new one. The final rendering then finds all of them.
 */
export async function prefetchFiles(stepContext: PipelineContext, files: FileLookup): Promise<void> {
  const { step, pipeline, scope } = stepContext
  const { work, routing } = step
  const condition = routing?.condition
  let runs = true
  if (condition !== undefined)
    await prefetchFor(stepContext, files, () => {
      runs = isTrue(condition, pipeline, scope)
    })
  if (runs && work.type === 'decide')
    await prefetchFor(stepContext, files, () => void isTrue(work.condition, pipeline, scope))
  else if (runs)
    await prefetchFor(stepContext, files, () =>
      renderAll([templateTexts(work), ...lateTemplateTexts(step)], pipeline, scope, []),
    )
  for (const { text } of conditionsOf(work))
    await prefetchFor(
      stepContext,
      files,
      () => void isTrue(text, pipeline, stepContext.turnScope(stepContext.start.work.order.loop?.iteration ?? 0)),
    )
  for (const tag of step.model?.autoTags ?? [])
    await prefetchFor(stepContext, files, () => renderAll(tag.instruction, pipeline, tagScope(tag, stepContext), []))
}

/** The scope of a tag. Tags of a loop's condition read the results of its body. */
export function tagScope(tag: AutoTag, { scope, start, turnScope }: PipelineContext): TemplateScope {
  return isAskedPerIteration(tag) ? turnScope(start.work.order.loop?.iteration ?? 0) : scope
}

export const digestFiles = ({ known }: FileLookup): string =>
  digestJson([...known].toSorted(([one], [other]) => (one < other ? -1 : 1)))

/** SHA-256 of a value's JSON, in hex. */
export const digestJson = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex')

async function prefetchFor(stepContext: PipelineContext, files: FileLookup, render: () => void): Promise<void> {
  for (;;) {
    try {
      render()
    } catch (error) {
      // any other fault is reported by the final rendering
      if (!is(error)) throw error
    }
    if (files.wanted.size === 0) return
    if (files.known.size + files.wanted.size > MAX_FILES) throw tooMuch(`${MAX_FILES} files`)
    for (const key of files.wanted) files.known.set(key, await readFor(key, toolContextOf(stepContext)))
    files.wanted.clear()
    if (lengthOf(files) > MAX_FILE_CHARS) throw tooMuch(`${MAX_FILE_CHARS} characters of files`)
  }
}

function tooMuch(what: string): TerminalError {
  return new TerminalError(`The templates of a step read more than ${what}.`, { code: 'too_large' })
}

function lengthOf({ known }: FileLookup): number {
  return [...known.values()].reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 0), 0)
}

async function readFor(key: string, context: CallContext): Promise<string | boolean | undefined> {
  const path = key.slice(key.indexOf(' ') + 1)
  if (key.startsWith('look ')) return ((await existsTool.execute({ path }, context)) as { exists: boolean }).exists
  try {
    return ((await readFileTool.execute({ path }, context)) as { content: string }).content
  } catch (error) {
    if (is(error, 'NotFoundError')) return undefined
    throw error
  }
}

/** The texts of a step's work that are rendered. */
export function templateTexts(work: CompiledStep['work']) {
  if (work.type === 'loop') return [work.kind === 'list' ? work.list : work.turns.most, work.maxParallel]
  if (work.type === 'outputs') return work.values
  return work.type === 'decide' ? work.condition : work.parameters
}

/** The texts that are rendered after the step has acted: the artifact's location and format, and cache tags. */
export const lateTemplateTexts = ({ artifact, model }: CompiledStep) => [
  artifact?.location ?? null,
  artifact?.format ?? null,
  ...(model?.cacheTags ?? []),
]

/** The conditions that decide whether a loop iterates again. */
function conditionsOf(work: CompiledStep['work']): readonly LoopCondition[] {
  if (work.type !== 'loop' || work.kind !== 'while') return []
  return [work.turns.while, work.turns.until].filter((asked) => asked !== undefined)
}

const readsFilesCache = new WeakMap<CompiledStep, boolean>()

/** Whether a step's texts use a function that reads files, or outputs, whose texts may. */
export function readsFiles(step: CompiledStep): boolean {
  const known = readsFilesCache.get(step)
  if (known !== undefined) return known
  const asked = step.model?.autoTags?.map(({ instruction }) => instruction)
  const texts = [
    step.routing?.condition,
    templateTexts(step.work),
    lateTemplateTexts(step),
    conditionsOf(step.work),
    asked,
  ]
  const asks = /\b(?:include_file|file_exists|outputs)\b/.test(JSON.stringify(texts))
  readsFilesCache.set(step, asks)
  return asks
}
