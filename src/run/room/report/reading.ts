import type { EngineView } from '../../../engine/engine.ts'
import { InvalidError } from '../../../errors.ts'
import { ownValue } from '../../../lib/own.ts'
import { allowedRoots } from '../../../step/call/permissions.ts'
import type { ValueStore } from '../../../step/values.ts'
import type { RunDocument } from '../../document.ts'
import { languageMissing } from '../../language.ts'
import { findRunStart, peekRun } from '../../records.ts'
import { noStep } from '../errors.ts'
import type { Executor, RunReading } from '../executor.ts'
import { isNamed } from '../port.ts'
import { openRequests } from './open-requests.ts'
import { readProgress } from './read-progress.ts'
import { readRun } from './read-run.ts'
import { settlingOf } from './settling.ts'

type Parts = {
  readonly view: EngineView
  readonly values: ValueStore
  /** by the names of their languages; the last one accepts each request, and says that there is no such run */
  readonly executors: { readonly [language: string]: Executor }
  /** the folders that tools may read */
  readonly reach: Parameters<typeof allowedRoots>[0]
}

/** Reads all runs: the executor of its language says what only it knows of a run. */
export function openReading({ view, values, executors, reach }: Parts): RunReading {
  const all = Object.values(executors)
  const of = async (run: string): Promise<Executor> => {
    const language = (await peekRun(view, run))?.language
    if (language === undefined) return all.at(-1)!
    if (!Object.hasOwn(executors, language)) throw languageMissing(language)
    return executors[language]!
  }
  const read = async (run: string): Promise<RunDocument> => readRun(view, values, run, (await of(run)).steps)
  return {
    prepare: (request) => all.find((one) => one.accepts(request))!.prepare(request),
    async prepareFork(run, request) {
      const executor = await of(run)
      if (isNamed(request) && !executor.accepts(request)) throw notOfPipeline(run)
      return executor.prepareFork(run, request)
    },
    read,
    inputs: async (run) => (await of(run)).inputs(run),
    async readStep(run, id) {
      const document = await read(run)
      const step = ownValue(document.steps, id)
      if (!step) throw noStep(run, id, Object.keys(document.steps))
      return { ...step, run, ...(await (await of(run)).detailOf(step, document)) }
    },
    source: async (run) => (await of(run)).source(run),
    openRequests: (run) => openRequests(view, run),
    progress: (run) => readProgress(view, run),
    rootsOf: async (run) => allowedRoots(reach, (await findRunStart(run, view.parts))!),
    settling: settlingOf(view, read),
  }
}

const notOfPipeline = (run: string) =>
  new InvalidError(`A fork of ${run} takes no pipeline: the run is none of a pipeline.`, {
    hint: 'Leave the file or the text out.',
  })
