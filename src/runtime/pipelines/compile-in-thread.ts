import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Compilation } from '../../pipeline/language/compile.ts'
import type { PipelineBundle } from '../../pipeline/language/source/bundle.ts'
import type { PipelineServices } from '../../pipeline/step/context.ts'
import type { Toolbox } from '../../tool/toolbox.ts'
import { processOffload } from '../../worker/offload/offload.ts'
import { type BelowJob, type CompileAnswer, type CompileJob, dataOfTools } from './compile-job.ts'

/** Characters of a pipeline that compiles within a few dozen milliseconds. */
const SMALL = 32 * 1024
const FILE = new URL(`./compile-job${extname(import.meta.url)}`, import.meta.url)
/** Maximum time of one compilation: a minute. */
const TERMS = { deadline: 60_000, what: 'Compiling this pipeline' }

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
  job: Omit<CompileJob, 'unknown'>,
  isModel: (name: string) => boolean,
  share: string,
): Promise<Compilation> {
  const first = await run({ ...job, unknown: [] }, share)
  const unknown = first.models.filter((name) => !isModel(name))
  const { json } = unknown.length === 0 ? first : await run({ ...job, unknown }, share)
  return JSON.parse(json) as Compilation
}

/** Compiles large child pipelines in a thread. */
export function belowCompiler(toolbox: Toolbox): NonNullable<PipelineServices['compileAside']> {
  return async (below, share) => {
    const job: BelowJob = { below, tools: dataOfTools(toolbox.list()) }
    const json = await processOffload().run({ file: FILE, name: 'compileBelowInThread' }, job, { ...TERMS, share })
    return JSON.parse(json as string) as Compilation
  }
}

function run(job: CompileJob, share: string): Promise<CompileAnswer> {
  const made = processOffload().run({ file: FILE, name: 'compileInThread' }, job, { ...TERMS, share })
  return made as Promise<CompileAnswer>
}
