import { createHash } from 'node:crypto'
import { is, TerminalError } from '../../../errors.ts'
import type { Scope } from '../../../template/template.ts'
import { existsTool, readFileTool } from '../../../tool/builtin/filesystem/read.ts'
import type { ToolContext } from '../../../tool/tool.ts'
import { type AutoTag, isAskedPerIteration } from '../../plan/auto-tag.ts'
import type { CompiledStep, LoopCondition } from '../../plan/compiled.ts'
import { fairnessKey } from '../../plan/messages/step-start.ts'
import type { StepContext } from '../context.ts'
import { holds, renderAll } from './render.ts'
import type { Files } from './surroundings.ts'

/** Files that the templates of one attempt may ask for, and characters that these may have together. */
const MOST = 100
const LONGEST = 64 * 1024 * 1024

/** What is known of the files a step's templates ask for, and what was asked for without being known. */
export type KnownFiles = Files & {
  readonly known: Map<string, string | boolean | undefined>
  readonly wanted: Set<string>
}

/** Knows nothing yet: whatever is asked for is noted, and fails the rendering. */
export function openFiles(): KnownFiles {
  const known = new Map<string, string | boolean | undefined>()
  const wanted = new Set<string>()
  const find = (key: string) => {
    if (known.has(key)) return known.get(key)
    wanted.add(key)
    throw new TerminalError(`not there yet: ${key}`, { code: 'file_unread' })
  }
  return { known, wanted, read: (path) => find(`read ${path}`), exists: (path) => find(`look ${path}`) }
}

/**
 * Reads, before a step does anything, the files its templates ask for. Templates are rendered at once and files are not: so they
 * are rendered to see what they ask for, until they ask for nothing new; the rendering that counts then finds it all.
 */
export async function readFiles(stepContext: StepContext, files: KnownFiles): Promise<void> {
  const { step, pipeline, scope } = stepContext
  const { condition, work } = step
  let runs = true
  if (condition !== undefined)
    await askAll(stepContext, files, () => {
      runs = holds(condition, pipeline, scope)
    })
  if (runs && work.type === 'decide')
    await askAll(stepContext, files, () => void holds(work.condition, pipeline, scope))
  else if (runs)
    await askAll(stepContext, files, () => renderAll([textsOf(work), ...moreTextsOf(step)], pipeline, scope, []))
  for (const { text } of conditionsOf(work))
    await askAll(
      stepContext,
      files,
      () => void holds(text, pipeline, stepContext.turnScope(stepContext.start.turn ?? 0)),
    )
  for (const tag of step.autos ?? [])
    await askAll(stepContext, files, () => renderAll(tag.instruction, pipeline, scopeAround(tag, stepContext), []))
}

/** What a question sees: that of a loop's condition what its body came to. */
export function scopeAround(tag: AutoTag, { scope, start, turnScope }: StepContext): Scope {
  return isAskedPerIteration(tag) ? turnScope(start.turn ?? 0) : scope
}

/** What stands for all that is known of files. */
export function digestOfKnown({ known }: KnownFiles): string {
  const files = [...known].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return digest(files)
}

/** SHA-256 of its JSON (hex). */
export const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex')

async function askAll(stepContext: StepContext, files: KnownFiles, render: () => void): Promise<void> {
  for (;;) {
    try {
      render()
    } catch (error) {
      // what is wrong for another reason will be wrong again when it counts
      if (!is(error)) throw error
    }
    if (files.wanted.size === 0) return
    if (files.known.size + files.wanted.size > MOST) throw tooMuch(`${MOST} files`)
    for (const key of files.wanted) files.known.set(key, await answer(key, contextOf(stepContext)))
    files.wanted.clear()
    if (lengthOf(files) > LONGEST) throw tooMuch(`${LONGEST} characters of files`)
  }
}

function tooMuch(what: string): TerminalError {
  return new TerminalError(`the templates of a step ask for more than ${what}`, { code: 'too_large' })
}

function lengthOf({ known }: KnownFiles): number {
  return [...known.values()].reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 0), 0)
}

async function answer(key: string, context: ToolContext): Promise<string | boolean | undefined> {
  const path = key.slice(key.indexOf(' ') + 1)
  if (key.startsWith('look ')) return ((await existsTool.execute({ path }, context)) as { exists: boolean }).exists
  try {
    return ((await readFileTool.execute({ path, encoding: 'utf-8' }, context)) as { content: string }).content
  } catch (error) {
    if (is(error, 'NotFoundError')) return undefined
    throw error
  }
}

/** What a tool is called with that reads files for a step. */
export function contextOf({ services, roots, call, emit, start }: StepContext): ToolContext {
  const { signal, idempotencyKey } = call
  return { signal, idempotencyKey, root: services.root, roots, share: fairnessKey(start), emit }
}

/** What is rendered of the work of a step. */
export function textsOf(work: CompiledStep['work']) {
  if (work.type === 'loop') return [work.list ?? null, work.turns?.most ?? null, work.maxParallel]
  if (work.type === 'outputs') return work.values
  return work.type === 'decide' ? work.condition : work.parameters
}

/** What else is rendered of it: where the text form of its result is kept, of which kind that file is, and the tags of what is kept of models. */
export const moreTextsOf = ({ artifact, cacheTags = [] }: CompiledStep) => [
  artifact?.location ?? null,
  artifact?.format ?? null,
  ...cacheTags,
]

/** What decides whether a loop turns once more. */
function conditionsOf(work: CompiledStep['work']): readonly LoopCondition[] {
  return work.type === 'loop' ? [work.turns?.while, work.turns?.until].filter((asked) => asked !== undefined) : []
}

const askers = new WeakMap<CompiledStep, boolean>()

/** Whether a step's texts name a function or filter that reads files, or outputs, which may. */
export function asksForFiles(step: CompiledStep): boolean {
  const known = askers.get(step)
  if (known !== undefined) return known
  const asked = step.autos?.map(({ instruction }) => instruction)
  const texts = [step.condition, textsOf(step.work), moreTextsOf(step), conditionsOf(step.work), asked]
  const asks = /\b(?:include_file|file_exists|outputs)\b/.test(JSON.stringify(texts))
  askers.set(step, asks)
  return asks
}
