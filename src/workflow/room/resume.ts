import type { Engine } from '../../engine/engine.ts'
import { KIND, runRef } from '../../house/actors.ts'
import { listAll } from '../../house/paging.ts'
import type { ActorIndex } from '../../kernel/types.ts'
import type { AwaitingCallback, StepState } from '../../step/attempt/step-state.ts'
import { PARKS } from '../../step/suspend/send-request.ts'
import { CODE_WAIT, IN_INBOX } from '../../work/wait.ts'
import type { WorkflowList } from '../definition/workflow-list.ts'

/**
 * Wakes the runs, and the steps of runs, that wait for the code of a workflow, or park signals for it. One that still
 * lacks it waits on. If the code of a workflow drops operations, its runs look whether they wait for one of these.
 */
export async function resumeWorkflows(
  engine: Engine,
  { all }: WorkflowList,
  resume: (run: string) => Promise<void>,
): Promise<void> {
  const look = async ({ key }: { readonly key: string }) => {
    await engine.tell(runRef(key), { type: 'code' }, { correlationId: key })
    await resume(key)
  }
  // it looks a call up, or judges what it parks
  const tellOfCode = async (key: string, { work, run }: AwaitingCallback) => {
    await engine.tell({ kind: KIND.step, key }, { type: 'code' }, { correlationId: work })
    await resume(run.key)
  }
  for (const found of await listed(engine, KIND.run, { waits: CODE_WAIT })) await look(found)
  const dropping = new Set(all.filter(({ run }) => String(run).includes('.dropped(')).map(({ name }) => name))
  for (const name of dropping) {
    const open = await listed(engine, KIND.run, { name, status: 'running' })
    for (const found of open) if (found.index.waits !== CODE_WAIT) await look(found)
  }
  for (const { key } of await listed(engine, KIND.step, { waits: CODE_WAIT })) {
    const { suspended, awaiting } = ((await engine.view.peek({ kind: KIND.step, key })) ?? {}) as StepState
    if (awaiting) await tellOfCode(key, awaiting)
    // a step that names a tool waits for that tool
    if (!suspended?.codeWait || suspended.codeWait.tool !== undefined) continue
    await engine.tell({ kind: KIND.step, key }, { type: 'retry' }, { correlationId: suspended.work })
    await resume(suspended.run.key)
  }
  // other code may take a signal that was parked, or that did not fit
  for (const { key } of await listed(engine, KIND.step, { ...IN_INBOX, ...PARKS })) {
    const { awaiting } = ((await engine.view.peek({ kind: KIND.step, key })) ?? {}) as StepState
    if (awaiting) await tellOfCode(key, awaiting)
  }
}

/** All actors with such an index, before any of them changes. */
export async function listed({ view }: Pick<Engine, 'view'>, kind: string, where: ActorIndex) {
  return Array.fromAsync(listAll(view, kind, where))
}
