import { type CheckpointsPort, InvalidError, TerminalError } from 'antiphon/extend'
import { createSaver, type GraphCheckpointer } from './saver.ts'

/** An app whose process may own the data folder. */
type OwningApp = { readonly runtime: { readonly checkpoints: CheckpointsPort } | undefined }

/**
 * `owner`: whose threads they are; absent: the user of the data folder. `keep`: the newest checkpoints of a thread that
 * stay, and what they need; absent: all.
 */
export type CheckpointerOptions = { readonly owner?: string; readonly keep?: number }

/**
 * A checkpointer of LangGraph that keeps the threads of graphs in the data folder of the app:
 * `builder.compile({ checkpointer: await checkpointer(app) })`.
 * @throws an error of code `owned` if another process owns the data folder
 */
export async function checkpointer(
  app: OwningApp,
  { owner, keep }: CheckpointerOptions = {},
): Promise<GraphCheckpointer> {
  if (!app.runtime)
    throw new TerminalError('Another process owns the data folder, and only that one stores checkpoints.', {
      code: 'owned',
      hint: 'Call the graph there, or make it a tool of that program with graphTool.',
    })
  if (keep !== undefined && !(Number.isInteger(keep) && keep > 0))
    throw new InvalidError(`Expected a whole number of checkpoints from 1, got ${keep}.`, { place: { path: 'keep' } })
  return createSaver(app.runtime.checkpoints.of(owner), keep)
}
