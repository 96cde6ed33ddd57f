import { extname } from 'node:path'
import { errorOf, is, type Place, type Problem, problemOf, TerminalError } from '../../../errors.ts'
import { type Limits, QUICK, type Scope } from '../../../template/template.ts'
import { type OffloadJob, processOffload } from '../../../worker/offload/offload.ts'
import type { CompiledPipeline } from '../../plan/compiled.ts'
import type { Answers } from './answers.ts'
import type { Surroundings } from './surroundings.ts'

/** What is rendered: a text, a condition, a command line, or a prompt with its documents. */
export type Rendered = { readonly kind: 'text' | 'condition' | 'command' | 'prompt'; readonly text: string }

/** What a thread has rendered, and which files the text asked for. */
export type Made = ({ readonly value: unknown } | { readonly problem: Problem; readonly place?: Place | undefined }) & {
  readonly asked: readonly string[]
}

/** By kind and text. */
export type MadeRenderings = ReadonlyMap<string, Made>
export const NONE: MadeRenderings = new Map()

/** All that the templates of an attempt can see, as data. */
export type Seen = {
  readonly surroundings: Omit<Surroundings, 'files' | 'withAnswers'>
  readonly answers: Answers
  /** it tells the outputs of its run */
  readonly tellsOutputs: boolean
  /** the files that are known; absent: its texts ask for none */
  readonly known?: ReadonlyMap<string, string | boolean | undefined>
}

/** What a scope carries where long renderings are to be made in a thread. */
export type Watch = {
  readonly made: MadeRenderings
  /** files that its texts may ask for */
  readonly files?:
    | { readonly known: Map<string, string | boolean | undefined>; readonly wanted: Set<string> }
    | undefined
  /** told apart from other scopes of the same attempt */
  readonly name: string
  see(): Seen
}
type Watched = Scope & { watch?: Watch }

/** Has long renderings in this scope made in a thread: they fail with `Elsewhere` here. */
export function watched(scope: Scope, watch: Watch): Scope {
  ;(scope as Watched).watch = watch
  return scope
}

/** A rendering that takes too long here. Whoever began to act on it makes it in a thread, and begins again. */
export class Elsewhere extends Error {
  readonly watch: Watch
  readonly what: Rendered
  readonly #mark = true
  /** Whether it was this that was thrown; a proxy that throws at whoever looks at it is asked nothing. */
  static is(thrown: unknown): thrown is Elsewhere {
    return typeof thrown === 'object' && thrown !== null && #mark in thrown
  }
  constructor(watch: Watch, what: Rendered) {
    super('to be rendered in a thread')
    this.watch = watch
    this.what = what
  }
}

/** Texts that were too long to render here: they are not tried here again. */
const long = new WeakMap<CompiledPipeline, Set<string>>()
let isInside = false

/** Renders here what takes a few milliseconds, takes over what a thread has rendered, and throws Elsewhere for all else. */
export function here<T>(pipeline: CompiledPipeline, scope: Scope, what: Rendered, render: (limits?: Limits) => T): T {
  const { watch } = scope as Watched
  // outputs are rendered while a text is that reads them: they are a part of its work
  if (!watch) return render(isInside ? QUICK : undefined)
  const made = watch.made.get(keyOf(watch, what))
  if (made) return takeOver(made, watch, what) as T
  const key = `${what.kind} ${what.text}`
  if (long.get(pipeline)?.has(key)) throw new Elsewhere(watch, what)
  const before = isInside
  isInside = true
  try {
    return render(QUICK)
  } catch (error) {
    if (!is(error) || error.code !== 'template_limit') throw error
    long.set(pipeline, (long.get(pipeline) ?? new Set()).add(key))
    throw new Elsewhere(watch, what)
  } finally {
    isInside = before
  }
}

const keyOf = ({ name }: Watch, { kind, text }: Rendered) => `${name} ${kind} ${text}`

function takeOver(made: Made, watch: Watch, what: Rendered): unknown {
  const { files } = watch
  const missing = files ? made.asked.filter((key) => !files.known.has(key)) : []
  for (const key of missing) files!.wanted.add(key)
  if (missing.length > 0) throw new TerminalError('not there yet', { code: 'file_unread' })
  if ('value' in made) return made.value
  if (made.problem.code === 'file_unread') throw new Elsewhere(watch, what)
  throw Object.assign(errorOf(made.problem), made.place && { place: made.place })
}

/** What the thread is told. */
export type RenderJob = { readonly seen: Seen; readonly what: Rendered }

const IN_THREAD: OffloadJob = {
  file: new URL(`./render-job${extname(import.meta.url)}`, import.meta.url),
  name: 'renderInThread',
}
/** ms that one rendering may take. */
const DEADLINE = 5_000

/** The renderings that are made so far, and this one. A deadline that is exceeded is what the rendering came to. */
export async function makeElsewhere(
  { watch, what }: Elsewhere,
  { share, signal }: { readonly share: string; readonly signal: AbortSignal },
): Promise<MadeRenderings> {
  const job: RenderJob = { seen: watch.see(), what }
  const terms = { share, signal, deadline: DEADLINE, what: 'Rendering this template' }
  const made = await processOffload()
    .run(IN_THREAD, job, terms)
    .catch((error: unknown): Made => {
      if (!is(error) || error.code !== 'too_large') throw error
      return { problem: problemOf(error), asked: [] }
    })
  return new Map([...watch.made, [keyOf(watch, what), made as Made]])
}
