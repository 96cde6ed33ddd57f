import type { LanguageReading, RunLanguage } from '../../run/room/executor.ts'
import type { StepServices } from '../../step/call/context.ts'
import { CALLS, callsLanguage } from '../language.ts'
import { CALL_WORK } from '../start-calls.ts'
import { callWork } from '../work.ts'
import { callsExecutor } from './executor.ts'

type CallsReading = LanguageReading & { readonly steps: StepServices }

export const callsRuns: RunLanguage<StepServices, CallsReading> = {
  name: CALLS,
  turns: callsLanguage,
  works: (services) => ({ [CALL_WORK]: callWork(services) }),
  executor: ({ view, steps }) => callsExecutor(view, steps),
  before: { calls: () => ({ language: CALLS }) },
}
