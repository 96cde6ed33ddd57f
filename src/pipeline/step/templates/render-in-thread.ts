import { extname } from 'node:path'
import { type ErrorPlace, errorOf, is, type Problem, problemOf, TerminalError } from '../../../errors.ts'
import { QUICK_LIMITS, type RenderLimits, type TemplateScope } from '../../../template/template.ts'
import { type OffloadJob, processOffload } from '../../../worker/offload/offload.ts'
import type { CompiledPipeline } from '../../plan/compiled.ts'
import type { AutoAnswers } from './answers.ts'
import type { TemplateData } from './surroundings.ts'

/** A request to render a text, the list of a loop, a condition, a command line, or a prompt with its documents. */
type RenderRequest = {
  readonly kind: 'text' | 'list' | 'condition' | 'command' | 'prompt'
  readonly text: string
}

/** The result of a rendering in a thread, and the files that the text reads. */
export type ThreadRendering = (
  | { readonly value: unknown }
  | { readonly problem: Problem; readonly place?: ErrorPlace | undefined }
) & {
  readonly asked: readonly string[]
}

/** results by kind and text */
export type ThreadRenderings = ReadonlyMap<string, ThreadRendering>
export const NO_RENDERINGS: ThreadRenderings = new Map()

/** All data that the templates of an attempt read. */
export type TemplateEnvironment = {
  readonly surroundings: Omit<TemplateData, 'files' | 'withAnswers'>
  readonly answers: AutoAnswers
  /** the texts are outputs of the run */
  readonly tellsOutputs: boolean
  /** the known files; absent: the texts read no files */
  readonly known?: ReadonlyMap<string, string | boolean | undefined>
}

/** The key of a scope whose long renderings run in a thread. */
type RenderWatch = {
  readonly made: ThreadRenderings
  /** files that its texts may read */
  readonly files?:
    | { readonly known: Map<string, string | boolean | undefined>; readonly wanted: Set<string> }
    | undefined
  /** distinguishes it from other scopes of the same attempt */
  readonly name: string
  see(): TemplateEnvironment
}
type WatchedScope = TemplateScope & { watch?: RenderWatch }

/** Makes long renderings in this scope throw `NeedsThread`. */
export function withRenderWatch(scope: TemplateScope, watch: RenderWatch): TemplateScope {
  ;(scope as WatchedScope).watch = watch
  return scope
}

/** A rendering that takes too long here. The caller renders it in a thread and starts again. */
export class NeedsThread extends Error {
  readonly watch: RenderWatch
  readonly what: RenderRequest
  readonly #mark = true
  /** Whether this error was thrown. A thrown proxy is not inspected, because it may throw itself. */
  static is(thrown: unknown): thrown is NeedsThread {
    return typeof thrown === 'object' && thrown !== null && #mark in thrown
  }
  constructor(watch: RenderWatch, what: RenderRequest) {
    super('to be rendered in a thread')
    this.watch = watch
    this.what = what
  }
}

/** Texts that took too long here. They are not tried here again. */
const longTexts = new WeakMap<CompiledPipeline, Set<string>>()
let isNested = false

/** Renders texts that take a few milliseconds, returns what a thread has rendered, and throws NeedsThread otherwise. */
export function renderWithinLimits<T>(
  pipeline: CompiledPipeline,
  scope: TemplateScope,
  what: RenderRequest,
  render: (limits?: RenderLimits) => T,
): T {
  const { watch } = scope as WatchedScope
  // outputs are rendered within the text that reads them: they are part of its work
  if (!watch) return render(isNested ? QUICK_LIMITS : undefined)
  const made = watch.made.get(keyOf(watch, what))
  if (made) return useThreadRendering(made, watch, what) as T
  const key = `${what.kind} ${what.text}`
  if (longTexts.get(pipeline)?.has(key)) throw new NeedsThread(watch, what)
  const before = isNested
  isNested = true
  try {
    return render(QUICK_LIMITS)
  } catch (error) {
    if (!is(error) || error.code !== 'template_limit') throw error
    longTexts.set(pipeline, (longTexts.get(pipeline) ?? new Set()).add(key))
    throw new NeedsThread(watch, what)
  } finally {
    isNested = before
  }
}

const keyOf = ({ name }: RenderWatch, { kind, text }: RenderRequest) => `${name} ${kind} ${text}`

function useThreadRendering(made: ThreadRendering, watch: RenderWatch, what: RenderRequest): unknown {
  const { files } = watch
  const missing = files ? made.asked.filter((key) => !files.known.has(key)) : []
  for (const key of missing) files!.wanted.add(key)
  if (missing.length > 0) throw new TerminalError('A file has not been read yet.', { code: 'file_unread' })
  if ('value' in made) return made.value
  if (made.problem.code === 'file_unread') throw new NeedsThread(watch, what)
  throw Object.assign(errorOf(made.problem), made.place && { place: made.place })
}

/** The input of the rendering thread. */
export type RenderJob = { readonly seen: TemplateEnvironment; readonly what: RenderRequest }

const RENDER_JOB: OffloadJob = {
  file: new URL(`./render-job${extname(import.meta.url)}`, import.meta.url),
  name: 'renderInThread',
}
const RENDER_DEADLINE_MS = 5_000

/** The renderings so far and this one. An exceeded deadline is its result. */
export async function addThreadRendering(
  { watch, what }: NeedsThread,
  { share, signal }: { readonly share: string; readonly signal: AbortSignal },
): Promise<ThreadRenderings> {
  const job: RenderJob = { seen: watch.see(), what }
  const terms = { share, signal, deadline: RENDER_DEADLINE_MS, what: 'Rendering this template' }
  const made = await processOffload()
    .run(RENDER_JOB, job, terms)
    .catch((error: unknown): ThreadRendering => {
      if (!is(error) || error.code !== 'too_large') throw error
      return { problem: problemOf(error), asked: [] }
    })
  return new Map([...watch.made, [keyOf(watch, what), made as ThreadRendering]])
}
