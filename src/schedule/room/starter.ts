import { isAgentName } from '../../agent/definition/agent-name.ts'
import { type GoalState, isOver } from '../../agent/protocol/state.ts'
import { InvalidError, is } from '../../errors.ts'
import { goalRef } from '../../house/actors.ts'
import { present } from '../../lib/json/present.ts'
import { isFinished, peekRun } from '../../run/run.ts'
import { acceptInput } from '../../workflow/room/accept-input.ts'
import type { WorkStarter } from '../actor.ts'
import type { ScheduleDefinition } from '../definition.ts'
import type { ScheduleHouse } from './needs.ts'

export function workStarter({ engine, work }: ScheduleHouse): WorkStarter {
  const stateOfRun = (id: string) => peekRun(engine.view, id)

  /** Nobody else can take the id: an earlier process began the work of the instant, as it was defined then. */
  async function beganBefore(error: unknown, id: string): Promise<void> {
    const isTaken = is(error) && error.code === 'id_taken'
    if (!isTaken || !((await stateOfRun(id)) ?? (await engine.view.peek(goalRef(id))))) throw error
  }

  return {
    async start(definition, id) {
      const { owner, agent, goal, budget, trusted, offered, context } = definition
      const by = present({ owner, budget, trusted, offered, context })
      const begun =
        agent === undefined
          ? work().runs.start({ ...by, ...runOf(definition), id })
          : work().goals.start({ ...by, id, agent, goal: goal! })
      await begun.catch((error: unknown) => beganBefore(error, id))
    },
    async isOpen(id) {
      const run = await stateOfRun(id)
      if (run) return !isFinished(run)
      const goal = (await engine.view.peek(goalRef(id))) as GoalState | undefined
      return goal !== undefined && !isOver(goal)
    },
    async cancel(id, reason) {
      const { runs, goals } = work()
      await ((await stateOfRun(id)) ? runs : goals).cancel(id, reason)
    },
  }
}

const runOf = ({ file, pipeline, inputs, workflow, input }: ScheduleDefinition) =>
  present({ file, pipeline, inputs, workflow, input })

/** Checks that the work of a schedule could start now, and starts nothing. Throws the error of its start. */
export async function checkWork({ work, workflows }: ScheduleHouse, definition: ScheduleDefinition): Promise<void> {
  const { agent, workflow, owner, inputs = {}, trusted, offered } = definition
  if (workflow !== undefined) return void (await acceptInput(workflows, workflow, definition.input))
  if (agent === undefined) {
    const { inputs: _, ...which } = runOf(definition)
    await work().pipelines.plan(which, { owner, inputs, ...present({ trusted, offered }) })
    return
  }
  if (trusted === false && !isAgentName(agent))
    throw new InvalidError(`Expected the name of an agent, got ${JSON.stringify(agent.slice(0, 100))}.`, {
      place: { path: 'agent' },
    })
  await work().goals.tools(agent, { owner })
}
