import { extname } from 'node:path'
import { agentNames } from '../../agent/room/files/agent-names.ts'
import type { CompileThread } from '../../pipeline/room/compile/compile-in-thread.ts'
import type { BelowJob, CompileAnswer, CompileJob } from '../../pipeline/room/compile/compile-job.ts'
import { runBelowJob, runCompileJob } from '../../pipeline/room/compile/compile-job.ts'
import { allTools, isOurs } from './toolbox.ts'

/** The thread that compiles large pipelines. It makes the built-in tools anew, which are code. */
export const compileThread: CompileThread = {
  file: new URL(`./compile-thread${extname(import.meta.url)}`, import.meta.url),
  hasTool: isOurs,
}

/** The job of the thread for a pipeline. */
export const compileInThread = (job: CompileJob): Promise<CompileAnswer> =>
  runCompileJob(job, { joinTools: allTools, agentNames })

/** The job of the thread for a child pipeline. */
export const compileBelowInThread = (job: BelowJob): string => runBelowJob(job, { joinTools: allTools })
