import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import type { Compilation } from '../pipeline/compile.ts'
import type { Written } from '../pipeline/written.ts'
import { type AsideJob, asideOfProcess } from '../worker/aside/aside.ts'
import type { CompileAnswer, CompileJob } from './compile-job.ts'

/** Characters of a pipeline that are compiled in a few dozen milliseconds. */
const SMALL = 32 * 1024
/** ms that one compilation may take. */
const DEADLINE = 60_000
const IN_THREAD: AsideJob = {
  file: new URL(`./compile-job${extname(import.meta.url)}`, import.meta.url),
  name: 'compileInThread',
}

/** Whether a pipeline is so large that its compilation would hold up the main thread. */
export async function isLargePipeline(what: string | Written): Promise<boolean> {
  if (typeof what !== 'string') return sizeOf(what) > SMALL
  // a file that is not there is a finding, told by whoever reads it
  const found = await stat(what).catch(() => undefined)
  return found !== undefined && found.size > SMALL
}

const sizeOf = ({ text, files = {} }: Written) =>
  Object.values(files).reduce((size, file) => size + file.length, text.length)

/** Compiles in a thread. A model that is not there is told with its place, which only the compiler knows: then it compiles again. */
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

function run(job: CompileJob, share: string): Promise<CompileAnswer> {
  const terms = { share, deadline: DEADLINE, what: 'Compiling this pipeline' }
  return asideOfProcess().run(IN_THREAD, job, terms) as Promise<CompileAnswer>
}
