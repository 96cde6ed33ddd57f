import { ANY_TYPE, RUNS } from '../../contract/runs.ts'
import { handlers } from '../routing/route.ts'
import { approvalFor, inTime } from './approval.ts'
import { idUnder } from './plain.ts'

/** Files of runs, and approvals. */
export const runHandlers = handlers(RUNS, {
  async 'runs.artifact'({ runtime, params, signal }) {
    const { bytes, mime = ANY_TYPE } = await runtime.runs.artifact(params.run, params.step, { signal })
    // as a download: a browser must not run what may be in it
    return new Response(bytes, { headers: { 'content-type': mime, 'content-disposition': 'attachment' } })
  },
  async 'inbox.approve'({ runtime, params: { run }, body, made }) {
    const { signal, id, ...decision } = body
    const under = id === undefined ? idUnder(RUNS['inbox.approve'], made, body) : { id }
    const name = signal ?? (await approvalFor(runtime, run, under.id))
    return inTime(runtime.runs.signal(run, name, decision, under))
  },
})
