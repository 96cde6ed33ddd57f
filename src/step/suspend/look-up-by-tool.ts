import { TerminalError } from '../../errors.ts'
import type { LookUpByTool, LookUpTexts } from '../../tool/once/call-finding.ts'
import { effectClassOf } from '../../tool/tool.ts'
import { findCalledTool } from '../../tool/toolbox.ts'
import { codeMissing } from '../../work/code-wait.ts'
import { makeCall } from '../approval/ruled-call.ts'
import type { CallLookUp } from '../attempt/call-look-up.ts'
import type { StepContext } from '../call/context.ts'
import type { StepParameters } from '../record/outcome.ts'

/** The place of its step, from which a tool looks a call up. */
type Place = LookUpTexts & { readonly context: StepContext }

/** The look-up by a tool. `open` reads what the step reads, which only a look-up needs. */
export function lookUpByTool(
  { tool: name, parameters: written, effect, done, notDone, settlesAfter }: LookUpByTool,
  resultOf: CallLookUp['resultOf'],
  open: () => Promise<Place>,
): CallLookUp {
  return {
    resultOf,
    ...(settlesAfter !== undefined && { settlesAfter }),
    async find({ idempotencyKey: key, signal }, sent) {
      const { context, value, holds } = await open()
      const tool = findCalledTool(context.services.toolbox, name)
      if (!tool) throw codeMissing(`This process does not have the tool ${name}, which looks the call up.`)
      const names = { key, arguments: sent }
      const parameters = value(written, names) as StepParameters
      if ((effect ?? effectClassOf(tool, parameters)) !== 'pure' || tool.approve)
        throw new TerminalError(`A look-up only reads, and ${name} may act.`)
      const call = { ...context.call, idempotencyKey: `${key}/look-up`, signal }
      const policy = { effect: 'pure', attempts: 1 } as const
      const found = await makeCall({ tool, written, parameters }, { ...context, policy, call, callName: 'look-up' })
      if (found.type !== 'result') return 'unknown'
      if (found.problem) throw new TerminalError(found.problem.message)
      const seen = { ...names, result: found.result }
      const made = value(done, seen)
      if (made !== null && made !== '' && made !== false) return { done: made }
      return notDone !== undefined && holds(notDone, seen) ? 'not-done' : 'unknown'
    },
  }
}
