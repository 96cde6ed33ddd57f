import type { WorkflowExecution } from '../replay/execution.ts'
import type { WorkflowNews } from './make-context.ts'

/** A function that runs in this process, with the turns and operations that are recorded, and its news since then. */
export type LiveRun = {
  readonly execution: WorkflowExecution
  turns: number
  recorded: number
  readonly news: WorkflowNews[]
}

/** The functions of runs that wait in memory: a run goes on without a replay while it has one. */
export interface LiveRuns {
  /** The function of a run that has seen exactly these turns; any other is dropped. */
  take(run: string, turns: number): LiveRun | undefined
  /** The function of a run, however far it is. */
  peek(run: string): LiveRun | undefined
  put(run: string, live: LiveRun): void
  drop(run: string): void
}

/** How many functions wait in memory; a run beyond that replays its history at its next turn. */
const MAX_LIVE = 1000

/** The live runs of a process. What is dropped never ends: no `finally` of it runs. */
export function createLiveRuns(most = MAX_LIVE): LiveRuns {
  const known = new Map<string, LiveRun>()
  return {
    take(run, turns) {
      const live = known.get(run)
      known.delete(run)
      return live?.turns === turns ? live : undefined
    },
    peek: (run) => known.get(run),
    put(run, live) {
      known.delete(run)
      known.set(run, live)
      if (known.size > most) known.delete(known.keys().next().value!)
    },
    drop: (run) => void known.delete(run),
  }
}
