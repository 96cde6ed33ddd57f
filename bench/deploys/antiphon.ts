import { z } from 'zod'
import { defineWorkflow, start, type WorkflowContext } from '../../src/index.ts'
import { EDITS, type Order } from './edits.ts'
import { act, type DeployProgram, type Opened } from './program.ts'

/** Workflows of antiphon. */
export async function openProgram({ folder, code }: Opened): Promise<DeployProgram> {
  const orderOf = (ctx: WorkflowContext, id: string): Order => ({
    step: (name, acted, value) => ctx.step(name, () => act(folder, id, acted, value)) as Promise<never>,
    wait: (name) => ctx.signal(name),
    pause: () => ctx.sleep(1),
    patched: ctx.patched,
    renamed: ctx.renamed,
    dropped: ctx.dropped,
  })
  const workflows = EDITS.map((edit) => {
    const run = edit[code]
    return defineWorkflow({
      name: edit.id,
      input: z.looseObject({ id: z.string(), cents: z.number() }),
      run: (ctx, input) => run(orderOf(ctx, input.id), input),
    })
  })
  const app = await start({ folder, workflows, notice: () => {} })
  return {
    async begin(edit, id, input) {
      await app.start(workflows.find(({ name }) => name === edit)!, { id, ...input }, { id })
    },
    async signal(_, id, name) {
      try {
        await app.runs.signal(id, name, null, { id: `${id}-${name}` })
      } catch (error) {
        // the signal before has ended the run
        if ((error as { code?: string }).code !== 'run_over') throw error
      }
    },
    async ended(_, id) {
      const { status, outputs, error } = await app.runs.get(id)
      if (status === 'completed') return { result: outputs?.result }
      return status === 'failed' || status === 'cancelled' ? { error: String(error) } : undefined
    },
    stop: () => app.stop(),
  }
}
