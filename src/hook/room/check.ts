import { InvalidError, is } from '../../errors.ts'
import { workflowNamed } from '../../workflow/room/accept-input.ts'
import type { HookDefinition } from '../definition.ts'
import type { HookHouse } from './needs.ts'
import { pipelineOf, withInputs } from './work.ts'

/** Checks that the work of each hook could start now. It starts nothing. InvalidError with the name of the hook. */
export async function checkHooks(house: HookHouse): Promise<void> {
  for (const [name, hook] of Object.entries(house.config.hooks ?? {})) {
    try {
      await checkWork(house, hook)
    } catch (error) {
      if (!is(error)) throw error
      const { code, hint } = error
      throw new InvalidError(`hooks.${name}: ${error.message}`, {
        code,
        cause: error,
        ...(hint !== undefined && { hint }),
      })
    }
  }
}

async function checkWork(house: HookHouse, hook: HookDefinition): Promise<void> {
  const { owner, agent, signal, workflow, verify } = hook
  const { goals, pipelines } = house.work()
  if (signal) return
  if (agent !== undefined) return void (await goals.tools(agent, { owner }))
  // its input depends on the delivery
  if (workflow !== undefined) return void workflowNamed(house.workflows, workflow)
  const delivery = { body: {}, ...(verify === 'github' && { unsigned: { event: 'push', delivery: '' } }) }
  const by = { owner, trusted: false, offered: true }
  await withInputs(hook, delivery, (inputs) => pipelines.plan(pipelineOf(hook, house.config.folder), { ...by, inputs }))
}
