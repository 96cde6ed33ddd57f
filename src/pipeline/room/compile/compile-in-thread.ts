import { stat } from 'node:fs/promises'
import type { Tool } from '../../../tool/tool.ts'
import type { Toolbox } from '../../../tool/toolbox.ts'
import { processOffload } from '../../../worker/offload/offload.ts'
import type { Compilation } from '../../language/compile.ts'
import type { PipelineBundle } from '../../language/source/bundle.ts'
import type { PipelineServices } from '../../step/context.ts'
import { type BelowJob, type CompileAnswer, type CompileJob, dataOfTools } from './compile-job.ts'

/** Characters of a pipeline that compiles within a few dozen milliseconds. */
const SMALL = 32 * 1024
/** Maximum time of one compilation: a minute. */
const TERMS = { deadline: 60_000, what: 'Compiling this pipeline' }

/** A file with the jobs `compileInThread` and `compileBelowInThread`, and the tools that a thread has by itself. */
export type CompileThread = { readonly file: URL; hasTool(tool: Tool): boolean }

/** The tools that a thread gets as data. */
export const toolsFor = ({ hasTool }: CompileThread, toolbox: Pick<Toolbox, 'list'>) =>
  dataOfTools(toolbox.list().filter((tool) => !hasTool(tool)))

/** Whether a pipeline is so large that its compilation would block the main thread. */
export async function isLargePipeline(what: string | PipelineBundle): Promise<boolean> {
  if (typeof what !== 'string') return sizeOf(what) > SMALL
  // a missing file becomes a finding when it is read
  const found = await stat(what).catch(() => undefined)
  return found !== undefined && found.size > SMALL
}

const sizeOf = ({ text, files = {} }: PipelineBundle) =>
  Object.values(files).reduce((size, file) => size + file.length, text.length)

/** Compiles in a thread. Only the compiler knows the place of a missing model, so it compiles again to report it. */
export async function compileAside(
  { file }: CompileThread,
  job: Omit<CompileJob, 'unknown'>,
  isModel: (name: string) => boolean,
  share: string,
): Promise<Compilation> {
  const first = await run(file, { ...job, unknown: [] }, share)
  const unknown = first.models.filter((name) => !isModel(name))
  const { json } = unknown.length === 0 ? first : await run(file, { ...job, unknown }, share)
  return JSON.parse(json) as Compilation
}

/** Compiles large child pipelines in a thread. */
export function belowCompiler(thread: CompileThread, toolbox: Toolbox): NonNullable<PipelineServices['compileAside']> {
  return async (below, share) => {
    const job: BelowJob = { below, tools: toolsFor(thread, toolbox) }
    const json = await processOffload().run({ file: thread.file, name: 'compileBelowInThread' }, job, {
      ...TERMS,
      share,
    })
    return JSON.parse(json as string) as Compilation
  }
}

function run(file: URL, job: CompileJob, share: string): Promise<CompileAnswer> {
  const made = processOffload().run({ file, name: 'compileInThread' }, job, { ...TERMS, share })
  return made as Promise<CompileAnswer>
}
