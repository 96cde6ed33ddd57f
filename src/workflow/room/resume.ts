import type { Engine } from '../../engine/engine.ts'
import { KIND, runRef } from '../../house/actors.ts'
import type { StepState } from '../../pipeline/step/step-state.ts'
import { CODE_WAIT } from '../../work/wait.ts'

/** How many actors one list has. */
const PAGE = 1000

/** Wakes the runs, and the steps of runs, that wait for the code of a workflow. One that still lacks it waits on. */
export async function resumeWorkflows(engine: Engine, resume: (run: string) => Promise<void>): Promise<void> {
  for (const { key } of await waiting(engine, KIND.run)) {
    await engine.tell(runRef(key), { type: 'code' }, { correlationId: key })
    await resume(key)
  }
  for (const { key } of await waiting(engine, KIND.step)) {
    const { suspended } = ((await engine.view.peek({ kind: KIND.step, key })) ?? {}) as StepState
    // a step that names a tool waits for that tool
    if (!suspended?.codeWait || suspended.codeWait.tool !== undefined) continue
    await engine.tell({ kind: KIND.step, key }, { type: 'retry' }, { correlationId: suspended.work })
    await resume(suspended.run.key)
  }
}

async function waiting(engine: Engine, kind: string) {
  const found: { readonly key: string }[] = []
  for (let after: { readonly after?: string } = {}; ; ) {
    const listed = await engine.view.list(kind, { where: { waits: CODE_WAIT }, limit: PAGE, ...after })
    found.push(...listed)
    if (listed.length < PAGE) return found
    after = { after: listed.at(-1)!.key }
  }
}
