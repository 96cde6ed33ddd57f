import { setImmediate } from 'node:timers/promises'
import { KIND, runRef } from '../../house/actors.ts'
import type { House } from '../../house/house.ts'
import type { BackgroundWork } from '../../house/room.ts'
import { CODE_WAIT, IN_INBOX } from '../../work/wait.ts'
import { replayRun } from '../live/open-execution.ts'
import type { WorkflowNeeds } from './open-port.ts'
import { readRecordedRun } from './read-recorded.ts'
import { listed } from './resume.ts'

/**
 * Looks once, in the background, which open runs do not fit the code of this process. They say from then on that they
 * wait for code. A run that works finds it out by itself.
 */
export async function beginFindingMisfits(house: House & WorkflowNeeds): Promise<BackgroundWork> {
  const ending = new AbortController()
  // a run that was not looked at finds it out at its next outcome
  const looking = findMisfits(house, ending.signal).catch(() => {})
  return {
    status: () => ({}),
    async end() {
      ending.abort()
      await looking
    },
  }
}

async function findMisfits(house: House & WorkflowNeeds, signal: AbortSignal): Promise<void> {
  const { engine, goOn } = house
  for (const run of await waitingRuns(engine)) {
    await setImmediate()
    if (signal.aborted) return
    if ((await fits(house, run)) || signal.aborted) continue
    await engine.tell(runRef(run), { type: 'code' }, { correlationId: run })
    await goOn(runRef(run))
  }
}

/** The runs that sleep or wait for a signal, and those that wait for them. */
async function waitingRuns(engine: House['engine']): Promise<ReadonlySet<string>> {
  // the second list has the waits for machines
  const lists = [await listed(engine, KIND.step, IN_INBOX), await listed(engine, KIND.step, { status: 'waiting' })]
  const asking = new Set(lists.flat().map(({ index }) => index?.run))
  const open = await listed(engine, KIND.run, { status: 'running' })
  const held = new Set(open.filter(({ key, index }) => index?.until !== undefined || asking.has(key)))
  const roots = new Set([...held].map(({ index }) => index?.root))
  const waiting = open.filter((one) => held.has(one) || roots.has(one.key))
  return new Set(waiting.flatMap(({ key, index }) => (index?.waits === CODE_WAIT ? [] : [key])))
}

/** Whether a run fits the code of this process, as far as it is. A run of no workflow does. */
async function fits({ engine, bytes, workflows, cleaning }: House & WorkflowNeeds, run: string): Promise<boolean> {
  const recorded = await readRecordedRun(engine.view, bytes, run)
  if (!recorded) return true
  const [{ workflow, version }, history] = recorded
  const code = workflows.find(workflow, version)
  // on a cluster, another node may have it
  if (!code) return cleaning === undefined
  const { execution } = await replayRun(code, history)
  return execution.end.type !== 'stopped'
}
