import type { Engine } from '../../engine/engine.ts'
import { NotFoundError } from '../../errors.ts'
import { readSinglePart } from '../../kernel/parts.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { runRef } from '../../pipeline/plan/refs.ts'
import type { StartPart } from '../../pipeline/plan/run-state.ts'
import { allowedRoots } from '../../pipeline/step/permissions.ts'
import { readFileBytes } from '../../tool/builtin/filesystem/read.ts'
import type { RunsPort } from '../ports/runs.ts'

type Parts = {
  readonly engine: Pick<Engine, 'view'>
  readonly get: RunsPort['get']
  readonly root: string
} & Parameters<typeof allowedRoots>[0]

/**
 * Reads files that runs made: a file recorded by a run, in its
 * present state, from folders that the run's tools may read.
 */
export function runtimeArtifacts({ engine, get, root, ...reach }: Parts): Pick<RunsPort, 'artifact'> {
  return {
    async artifact(id, step, { signal = new AbortController().signal } = {}) {
      const { artifacts } = await get(id)
      const made = artifacts.find((one) => one.step === step)
      if (!made) throw new NotFoundError(`No step ${step} of run ${id} made a file.`)
      const start = (await readSinglePart(engine.view.parts, runRef(id), 'start')) as StartPart
      const context = {
        owner: LOCAL_OWNER,
        root,
        roots: allowedRoots(reach, start),
        signal,
        idempotencyKey: id,
        emit: () => {},
      }
      return { ...made, bytes: await readFileBytes(made.location, context) }
    },
  }
}
