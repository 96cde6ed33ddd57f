import type { WorkflowExecution } from '../replay/execution.ts'
import type { WorkflowState } from '../replay/state.ts'
import type { WorkflowNews } from './make-context.ts'

/** How much of the history of its run a function has seen. */
type Seen = Pick<WorkflowState['workflow'], 'turns' | 'last'> & { readonly iteration?: number | undefined }

/** A function that runs in this process, with what is recorded of it, and its news since then. */
export type LiveRun = {
  readonly execution: WorkflowExecution
  seen: Seen
  /** how many of its operations are recorded */
  recorded: number
  readonly news: WorkflowNews[]
}

/** The functions of runs that wait in memory: a run goes on without a replay while it has one. */
export interface LiveRuns {
  /** The function of a run that has seen exactly its history; any other is dropped. */
  take(run: string, history: Seen): LiveRun | undefined
  /** The function of a run that has seen exactly its history, or, without one, however far it is. */
  peek(run: string, history?: Seen): LiveRun | undefined
  put(run: string, live: LiveRun): void
  /** Keeps the function of a run whose turn is at work, however many others wait. Undefined: it no longer is. */
  hold(run: string, live: LiveRun | undefined): void
  drop(run: string): void
}

/** How many functions wait in memory; a run beyond that replays its history at its next turn. */
const MAX_LIVE = 1000

/** The live runs of a process. What is dropped never ends: no `finally` of it runs. */
export function createLiveRuns(most = MAX_LIVE): LiveRuns {
  const known = new Map<string, LiveRun>()
  const held = new Map<string, LiveRun>()
  const peek: LiveRuns['peek'] = (run, history) => {
    const live = held.get(run) ?? known.get(run)
    return live && (!history || isSame(live.seen, history)) ? live : undefined
  }
  return {
    take(run, history) {
      const live = peek(run, history)
      known.delete(run)
      return live
    },
    peek,
    put(run, live) {
      known.delete(run)
      known.set(run, live)
      if (known.size > most) known.delete(known.keys().next().value!)
    },
    hold: (run, live) => void (live ? held.set(run, live) : held.delete(run)),
    drop: (run) => void known.delete(run),
  }
}

const isSame = (one: Seen, other: Seen): boolean =>
  one.turns === other.turns && one.iteration === other.iteration && one.last === other.last
