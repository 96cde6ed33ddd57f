import { NotFoundError } from '../../errors.ts'
import { LOCAL_OWNER } from '../../lib/owner.ts'
import { readFileBytes } from '../../tool/builtin/filesystem/read.ts'
import type { RunReading } from './executor.ts'
import type { RunsPort } from './port.ts'

type Parts = Pick<RunReading, 'rootsOf'> & { readonly get: RunsPort['get']; readonly root: string }

/**
 * Reads files that runs made: a file recorded by a run, in its
 * present state, from folders that the run's tools may read.
 */
export function readArtifact({ get, rootsOf, root }: Parts): RunsPort['artifact'] {
  return async (id, step, { signal = new AbortController().signal } = {}) => {
    const { artifacts } = await get(id)
    const made = artifacts.find((one) => one.step === step)
    if (!made) throw new NotFoundError(`No step ${step} of run ${id} made a file.`)
    const context = {
      owner: LOCAL_OWNER,
      root,
      roots: await rootsOf(id),
      signal,
      idempotencyKey: id,
      emit: () => {},
    }
    return { ...made, bytes: await readFileBytes(made.location, context) }
  }
}
