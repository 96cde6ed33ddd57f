import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../src/kernel/schema.ts'
import type { StepServices } from '../../src/step/call/context.ts'
import type { StepStart } from '../../src/step/messages/step-start.ts'
import { areaRoot } from '../../src/tool/roots.ts'
import type { Tool } from '../../src/tool/tool.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import type { WorkflowOrder } from '../../src/workflow/live/order.ts'
import type { WorkflowServices } from '../../src/workflow/live/services.ts'
import { workflowWork } from '../../src/workflow/live/workflow-work.ts'

/** A tool that returns the folders that its call may touch. */
const toolWith = (more: Partial<Tool>) =>
  ({
    ...{ name: 'note', description: 'Notes', effect: 'idempotent', input: z.object({}) },
    execute: (_: Json, { roots }: { readonly roots: readonly string[] }) => roots,
    ...more,
  }) as unknown as Tool

async function rootsOf(tool: Tool, run: object): Promise<readonly string[]> {
  const services = {
    toolbox: createToolbox([tool]),
    pool: {
      handsFor: () => ({}),
      submit: ({ run: act }: { run(signal: AbortSignal): unknown }) => act(AbortSignal.any([])),
    },
    values: { put: async () => 'hash' },
    roots: ['/data'],
    root: '/data',
    area: { root: '/data', writes: ['out'] },
  } as unknown as StepServices
  const work = { type: 'call', tool: tool.name, parameters: { inline: {} } } as const
  const start = {
    type: 'start',
    work: { type: 'workflow', order: { of: 'order', work, terms: {} } },
    run: { id: 'r', startedAt: 0, ...run },
    step: 'note',
    policy: { attempts: 1, effect: 'idempotent' },
    batch: {},
  } as StepStart<WorkflowOrder>
  const opened = workflowWork({} as WorkflowServices, services).open(start)
  const call = { signal: AbortSignal.any([]), idempotencyKey: 'k', attempt: 1 }
  const outcome = await opened.attempt({ services, start, call, self: { kind: 'step', key: 'r.note' }, emit() {} })
  expect(outcome).toMatchObject({ status: 'completed' })
  return (outcome as unknown as { readonly result: { readonly inline: { readonly result: readonly string[] } } }).result
    .inline.result
}

const isLimited = (roots: readonly string[]) => roots.includes(areaRoot('out'))
const CHANGES: Partial<Tool> = { changes: () => ['out/note'] }

test('a call that a model chose, and that changes files, writes only in the folders under `writes:`', async () => {
  const chosen = { chosenByModel: true, approve: [] }
  expect(isLimited(await rootsOf(toolWith(CHANGES), chosen))).toBe(true)
  expect(isLimited(await rootsOf(toolWith({}), chosen))).toBe(false)
  expect(isLimited(await rootsOf(toolWith(CHANGES), {}))).toBe(false)
})
