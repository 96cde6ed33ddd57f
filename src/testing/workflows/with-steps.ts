import type {
  WorkflowCallOptions,
  WorkflowContext,
  WorkflowStepCall,
  WorkflowStepOptions,
} from '../../workflow/definition/context.ts'
import type { Workflow } from '../../workflow/definition/workflow-value.ts'

type Acts = { readonly [name: string]: (call: WorkflowStepCall) => unknown }

/** The same workflows, in which some steps do what a test says. All else is as in a program. */
export function withSteps(workflows: readonly Workflow[], acts: Acts): readonly Workflow[] {
  return workflows.map((workflow) => ({ ...workflow, run: (ctx, input) => workflow.run(replaced(ctx, acts), input) }))
}

function replaced(ctx: WorkflowContext, acts: Acts): WorkflowContext {
  const { generate: ask } = ctx
  const actOf = (name: string) => (Object.hasOwn(acts, name) ? acts[name] : undefined)
  const own = {
    step: (name: string, act: Acts[string], options?: WorkflowStepOptions<unknown>) =>
      ctx.step<unknown>(name, actOf(name) ?? act, options),
    call(target: { readonly name?: string }, input: never, options: WorkflowCallOptions = {}) {
      const name = options.name ?? target.name
      const act = name === undefined ? undefined : actOf(name)
      return act && name !== undefined ? ctx.step(name, act as never) : ctx.call(target as never, input, options)
    },
    generate(name: string, prompt: never) {
      const act = actOf(name)
      return act ? ctx.step(name, act as never) : ask(name, prompt)
    },
  }
  return { ...ctx, ...own } as unknown as WorkflowContext
}
