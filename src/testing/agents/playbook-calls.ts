import type { GoalDocument } from '../../agent/room/goals/documents.ts'
import { isJsonObject } from '../../kernel/json.ts'
import type { ServedRuntime } from '../../runtime/ports.ts'
import type { TranscriptCall } from './transcript.ts'

/** A call of a playbook, and the step that makes it. */
type PlaybookCall = TranscriptCall & { readonly run: string; readonly step: string }

const OUTCOMES: { readonly [status: string]: string | undefined } = {
  completed: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
}

/** The calls that goals made by following playbooks, in the order in which they began. Their round is 0. */
export async function playbookCalls(
  { runs }: Pick<ServedRuntime, 'runs'>,
  goals: readonly GoalDocument[],
): Promise<readonly PlaybookCall[]> {
  const followed = goals.flatMap(({ agent, playbook }) => (playbook ? [{ agent, run: playbook.run }] : []))
  const calls = followed.map(async ({ agent, run }) => {
    const steps = Object.values((await runs.get(run)).steps).filter(({ tool }) => tool !== null)
    const details = await Promise.all(steps.map(({ id }) => runs.step(run, id)))
    const begun = details.toSorted((one, other) => ((one.started_at ?? '~') < (other.started_at ?? '~') ? -1 : 1))
    return begun.map(({ id, tool, action, status, parameters, value }): PlaybookCall => {
      const outcome = OUTCOMES[status]
      return {
        run,
        step: id,
        agent,
        round: 0,
        made: true,
        tool: action === 'execute' || action === tool ? tool! : `${tool}:${action}`,
        input: isJsonObject(parameters ?? null) ? (parameters as TranscriptCall['input']) : {},
        ...(outcome !== undefined && { outcome }),
        ...(isJsonObject(value) && value.result !== undefined && { result: value.result }),
      }
    })
  })
  return (await Promise.all(calls)).flat()
}
