import { expect, test } from 'vitest'
import type { Json } from '../../../src/kernel/schema.ts'
import { NEW_RUN } from '../../../src/pipeline/plan/run-state.ts'
import { recordLateRemark } from '../../../src/run/actor/run-actor.ts'
import { decodeStep, encodeStep } from '../../../src/step/messages/codec.ts'
import type { StepPart } from '../../../src/step/record/outcome.ts'

const ENDED: StepPart = {
  ...{ status: 'completed', attempts: 1, ms: 5, result: { inline: null }, key: 'k', order: 1, at: 2 },
}
const remark = (warning: string) => ({ type: 'late-remark', step: 'a', warning }) as const
const after = (stored: Json | undefined, warning: string) =>
  recordLateRemark({ ...NEW_RUN, status: 'completed' }, remark(warning), { part: async () => stored })

test('a step that has ended takes a warning once, also in a run that is over', async () => {
  const first = await after(encodeStep(ENDED), 'too late')
  expect(first.reply).toBe(true)
  const [[name, part] = []] = Object.entries(first.parts ?? {})
  expect(decodeStep(part!)).toEqual({ ...ENDED, warnings: ['too late'] })
  const again = await after(part!, 'too late')
  expect(again.parts).toEqual({ [name!]: part })
})

test('a step that has not ended is asked again later, and a run that never began stays unknown', async () => {
  expect(await after({ status: 'running' }, 'too late')).toEqual({ reply: false })
  expect(await after(undefined, 'too late')).toEqual({ reply: false })
  const unknown = await recordLateRemark(NEW_RUN, remark('too late'), { part: async () => undefined })
  expect(unknown).toEqual({ reply: false, stop: true })
})
