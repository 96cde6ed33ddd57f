import { CALL_GATE, callGate } from '../approval/decide-call.ts'
import { handlerOfTool } from '../attempt/request.ts'
import type { StepTurns } from '../attempt/turns.ts'
import type { CallbackHandler } from '../call/callback.ts'
import { settleCall } from './settle-call.ts'
import { UNKNOWN_OUTCOME } from './unknown-outcome.ts'

/** The handler of an answer, by the name under which its step asked. TerminalError when the tool no longer exists. */
export function handlerOf({ services, works }: StepTurns, name: string): CallbackHandler {
  if (name === CALL_GATE) return callGate
  if (name === UNKNOWN_OUTCOME) return settleCall
  for (const { answers = {} } of Object.values(works)) if (Object.hasOwn(answers, name)) return answers[name]!
  return handlerOfTool(services, name)
}
