import { TerminalError } from '../../errors.ts'

/** What a tool does that is called outside a run, when others do its work: it fails and says so. */
export function onlyInRuns(name: string): () => never {
  return () => {
    throw new TerminalError(
      `${name} works only as a step of a pipeline: others do its work, and a step can wait for them`,
      {
        code: 'only_in_runs',
      },
    )
  }
}
