import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Effects } from '../../../../src/kernel/types.ts'
import { withPresentCode as presentCode } from '../../../../src/pipeline/step/approval/changed-code.ts'
import type { CodeOfGoal } from '../../../../src/step/call/context.ts'
import { hashOfInput } from '../../../../src/tool/plugin/code-tool.ts'
import { defineTool, type Tool } from '../../../../src/tool/tool.ts'
import { createToolbox } from '../../../../src/tool/toolbox.ts'

const effects = { run: async (_: string, act: () => Promise<unknown>) => act() } as unknown as Effects
const pay = (effect: 'idempotent' | 'at-most-once' | 'pure') =>
  defineTool({ name: 'pay', description: 'Pays', effect, input: z.object({ order: z.string() }), execute: () => 1 })
const HASH = hashOfInput(pay('pure'))

type Planned = Parameters<typeof presentCode>[0]

/** A step that was planned with another `pay`, in a process with these tools, and the code that its goal has now. */
function stepOf(tools: readonly Tool[], known: Partial<CodeOfGoal> | undefined, isAsked = false) {
  const work = { type: 'tool', tool: 'pay', code: 'old', parameters: {} }
  const step = {
    id: 'call_1',
    work,
    edges: { needs: [], dependents: [], reads: [] },
    policy: { effect: 'pure', attempts: 3 },
  }
  const goal = known && { bound: {}, approve: 'none', remedy: '', ...known }
  return {
    services: { toolbox: createToolbox(tools), codeOfGoal: async () => goal },
    open: () => ({ steps: { call_1: step } }),
    start: {
      step: 'call_1',
      run: { workFor: { goal: 'g' } },
      work: { type: 'pipeline', order: { inputs: { inline: { call_1: { order: 'a1' } } } } },
      policy: { attempts: 3, effect: 'pure' },
      ...(isAsked && { decisions: { own: { approved: true, parameters: { inline: { order: 'a1' } } } } }),
    },
    done: 0,
  } as unknown as Planned
}

const withPresentCode = async (step: Planned, of: Effects) => presentCode(step, 'code', of)

const codeIn = async (changed: Awaited<ReturnType<typeof withPresentCode>>) =>
  ((await changed.open!()).steps.call_1!.work as { readonly code?: string }).code

test('a step goes on with the tool that its goal has taken', async () => {
  const changed = await withPresentCode(stepOf([pay('pure')], { bound: { pay: HASH } }), effects)
  expect(await codeIn(changed)).toBe(HASH)
  expect(changed.start!.policy).toEqual({ attempts: 3, effect: 'pure' })
})

test('a call that may act at most once now has one attempt', async () => {
  const changed = await withPresentCode(stepOf([pay('at-most-once')], { bound: { pay: HASH } }), effects)
  expect(changed.start!.policy).toEqual({ attempts: 1, effect: 'at-most-once' })
})

test('a call that no person was asked about is not made where a person must approve it now', async () => {
  const known = { bound: { pay: HASH }, approve: ['pay'] } as const
  const asked = await withPresentCode(stepOf([pay('pure')], known), effects)
  expect(asked.problem).toMatchObject({ code: 'not_approved', message: expect.stringContaining('Call it again') })
  const gated = await withPresentCode(stepOf([pay('pure')], known, true), effects)
  expect(await codeIn(gated)).toBe(HASH)
})

test('a tool that its goal no longer has is looked for by its name alone', async () => {
  expect(await codeIn(await withPresentCode(stepOf([], { bound: {} }), effects))).toBeUndefined()
})

test('a step waits where its goal needs the old code, and says what has changed', async () => {
  const waits = withPresentCode(
    stepOf([pay('pure')], { bound: { pay: 'old' }, changes: ['pay input: - cents'] }),
    effects,
  )
  await expect(waits).rejects.toMatchObject({
    code: 'code_missing',
    data: { changes: 'pay input: - cents', tool: 'pay' },
  })
})

test('a step without a known goal, or with a tool that changed once more, is left as it is', async () => {
  expect(await withPresentCode(stepOf([pay('pure')], undefined), effects)).toEqual({})
  expect(await withPresentCode(stepOf([pay('pure')], { bound: { pay: 'third' } }), effects)).toEqual({})
})
