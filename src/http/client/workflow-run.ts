import type { Json } from '../../kernel/json.ts'
import type { RunDocument } from '../../run/document.ts'
import { outputsOf } from '../../run/ended-outputs.ts'
import type { FollowedRunEvent } from '../../run/room/documents.ts'
import type { RunRequest } from '../../run/room/port.ts'
import type { Workflow } from '../../workflow/definition/workflow-value.ts'
import { toJson } from '../../workflow/operations/stored-value.ts'
import type { WorkflowsPort } from '../../workflow/room/open-port.ts'
import type { RunsClient } from './ports.ts'

/** Options of a run of a workflow. The same `id` starts one run. */
export type WorkflowRunOptions = Pick<
  RunRequest,
  'id' | 'owner' | 'budget' | 'priority' | 'context' | 'delay' | 'startAt' | 'queue'
>

/** A run of a workflow that has begun. */
export interface WorkflowRun<Output = unknown> {
  readonly id: string
  /** Its result, when it has ended. The error of a run that failed or was cancelled is thrown. */
  result(options?: { readonly signal?: AbortSignal }): Promise<Output>
  /** How it stands. */
  get(): Promise<RunDocument>
  /** Its events after a number, live, until it has ended. */
  events(from?: { readonly after?: number; readonly signal?: AbortSignal }): AsyncIterable<FollowedRunEvent>
  /** Sends a signal: `taken`, or `kept` until the run waits for it. */
  signal(name: string, value: Json): Promise<{ readonly status: 'taken' | 'kept' | 'late' }>
  /** Asks its handler of that name (`ctx.handle`), which answers from what the run knows. */
  ask(name: string, question?: Json): Promise<Json>
  /** Cancels it; with `undo`, its completed steps are undone first. */
  cancel(reason?: string, options?: { readonly undo?: boolean }): Promise<void>
}

type AskedClient = { readonly runs: RunsClient; readonly workflows: Pick<WorkflowsPort, 'ask'> }

/** Starts a run of a workflow. The same id starts one run. */
export async function startWorkflow<Input, Output>(
  client: AskedClient,
  { name }: Workflow<string, Input, Output>,
  input: Input,
  options: Omit<WorkflowRunOptions, 'owner'>,
): Promise<WorkflowRun<Output>> {
  const { runs } = client
  const { id } = await runs.start({ ...options, workflow: name, input: toJson(input) })
  // work that an earlier process left of it
  if (options.id !== undefined) await runs.resume(id)
  return workflowRun<Output>(client, id)
}

function workflowRun<Output>({ runs, workflows }: AskedClient, id: string): WorkflowRun<Output> {
  return {
    id,
    async result({ signal } = {}) {
      for await (const _ of runs.events(id, signal && { signal }));
      signal?.throwIfAborted()
      return resultOf<Output>(await runs.get(id))
    },
    get: () => runs.get(id),
    events: (from) => runs.events(id, from),
    signal: (name, value) => runs.signal(id, name, toJson(value)),
    ask: async (name, question = null) => (await workflows.ask(id, name, toJson(question))).answer,
    cancel: (reason = 'cancelled by the program', options) => runs.cancel(id, reason, options),
  }
}

const resultOf = <Output>(run: RunDocument): Output => (outputsOf(run).result ?? null) as Output
