import { TerminalError } from '../../errors.ts'
import type {
  WorkflowCallOptions,
  WorkflowContext,
  WorkflowStepCall,
  WorkflowStepOptions,
} from '../../workflow/definition/context.ts'
import type { Workflow } from '../../workflow/definition/workflow-value.ts'

type Acts = { readonly [name: string]: (call: WorkflowStepCall) => unknown }

/** The names of the signals behind the addresses of waits that the functions have made. */
export type WaitAddresses = Map<string, string>

/** The same workflows, in which some steps do what a test says. All else is as in a program. */
export function withSteps(workflows: readonly Workflow[], acts: Acts, addresses: WaitAddresses): readonly Workflow[] {
  return workflows.map((workflow) => ({
    ...workflow,
    run: (ctx, input) => workflow.run(replaced(ctx, acts, addresses), input),
  }))
}

function replaced(ctx: WorkflowContext, acts: Acts, addresses: WaitAddresses): WorkflowContext {
  const { generate: ask, signal } = ctx
  const actOf = (name: string) => (Object.hasOwn(acts, name) ? acts[name] : undefined)
  /** The undo in the place of the real one: a step that a test acts for has nothing to undo in the world. */
  const undoOf = (name: string) => {
    const act = actOf(`${name}.undo`)
    if (act) return (_: unknown, call: WorkflowStepCall) => act(call)
    return actOf(name) && (() => Promise.reject(undoSkipped(name)))
  }
  const own = {
    step(name: string, act: Acts[string], options?: WorkflowStepOptions<unknown>) {
      const undo = options?.undo && undoOf(name)
      return ctx.step<unknown>(name, actOf(name) ?? act, undo ? { ...options, undo } : options)
    },
    signal(name: string, options?: never) {
      const wait = signal(name, options) as Promise<unknown> & { readonly url?: string }
      if (wait.url !== undefined) addresses.set(wait.url, name)
      return wait
    },
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
  return { ...ctx, ...own } as WorkflowContext
}

const undoSkipped = (name: string) =>
  new TerminalError(`The test skips the undo of ${name}, since it acts for the step.`, {
    hint: `To act for its undo: testApp(program, { steps: { '${name}.undo': (call) => … } }).`,
  })
