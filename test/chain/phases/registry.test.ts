import { expect, test } from 'vitest'
import { vectorsPhase } from '../../../src/chain/phases/experience.ts'
import { createPhases, poolPhaseOf, registerPhase, selectPhase } from '../../../src/chain/phases/registry.ts'
import { yieldPhase } from '../../../src/chain/phases/yield.ts'
import type { Phase } from '../../../src/chain/protocol/phase.ts'
import type { Modality } from '../../../src/thread/protocol/modality.ts'
import { PHASES, type PhaseName } from '../../../src/thread/protocol/phase-types.ts'
import { poolId } from '../../../src/worker/pool-id.ts'
import { setUp } from '../fixture.ts'

const leg = 'experience.vectors'
const medical: Phase = { ...vectorsPhase, modality: 'text', domain: 'medical' }
const text: Phase = { ...vectorsPhase, modality: 'text' }
const any: Phase = { ...vectorsPhase, modality: 'default' }
const three = [medical, text, any].reduce(registerPhase, new Map())

test('E1: the closest implementation is taken, and each look-up is reported', () => {
  expect(selectPhase(three, leg, 'text', 'medical')).toEqual({ phase: medical, trace: [`${leg}/text/medical`] })
  expect(selectPhase(three, leg, 'text', 'legal')).toEqual({
    phase: text,
    trace: [`${leg}/text/legal`, `${leg}/text/general`],
  })
  expect(selectPhase(three, leg, 'audio', 'medical')).toEqual({
    phase: any,
    trace: [`${leg}/audio/medical`, `${leg}/audio/general`, `${leg}/default/medical`, `${leg}/default/general`],
  })
})

test('without any, the error says what was tried', () => {
  const error = expect.objectContaining({
    code: 'actor_not_found',
    message: expect.stringContaining('action/text/general'),
  })
  expect(() => selectPhase(three, 'action', 'text', 'general')).toThrow(error)
})

test('registering makes a new registry and leaves the old one as it was', () => {
  const before = createPhases()
  const own: Phase = { ...yieldPhase, modality: 'text' }
  const after = registerPhase(before, own)
  expect(selectPhase(after, 'yield', 'text', 'general').phase).toBe(own)
  expect(selectPhase(before, 'yield', 'text', 'general').phase).not.toBe(own)
})

test('all phases are there for text, for code, and for files of every other kind', () => {
  for (const name of PHASES) {
    expect(selectPhase(createPhases(), name, 'text', 'general').phase.name).toBe(name)
    expect(selectPhase(createPhases(), name, 'code', 'anything').phase.name).toBe(name)
    const { phase, trace } = selectPhase(createPhases(), name, 'audio', 'general')
    expect([phase.name, trace.at(-1)]).toEqual([name, `${name}/default/general`])
  }
})

test('E1: pools are named by modality, phase and domain', () => {
  const named = (name: PhaseName, modality: Modality, domain: string) =>
    poolId({ phase: poolPhaseOf(name), modality, domain })
  expect(named('action', 'audio', 'general')).toBe('audio_action_pool')
  expect(named('experience.vectors', 'text', 'Health-Care')).toBe('text_experience_health_care_pool')
})

test("a user's own phase serves its domain, and the ask's record shows how it was found", async () => {
  const own: Phase<'yield'> = {
    ...yieldPhase,
    modality: 'text',
    domain: 'medical',
    run: async (state) => ({
      state,
      output: { answer: 'see a doctor', citations: [], invalidCitations: [] },
      text: 'see a doctor',
      status: 'completed',
    }),
  }
  const { ask, record } = setUp({ phases: registerPhase(createPhases(), own) })
  expect(await ask('it hurts', { domain: 'medical', files: [] })).toMatchObject({ answer: 'see a doctor' })
  expect((await record(1)).trace.at(-1)).toMatchObject({
    phase: 'yield',
    selection: ['yield/text/medical', 'text_yield_medical_pool'],
  })
  expect(await ask('it hurts')).toMatchObject({ answer: 'the answer <vid>v1</vid>' })
})

test('a domain without settings, phases and pools is refused by name, and the question is not stored', async () => {
  const phases = registerPhase(createPhases(), medical)
  const { ask, engine } = setUp({ phases, domains: ['tax_law'] })
  await expect(ask('it hurts', { domain: 'medcal' })).rejects.toMatchObject({
    code: 'unknown_domain',
    name: 'InvalidError',
    message: 'There is no domain medcal: no setting, no phase and no pool is for it.',
    hint: 'Did you mean medical?',
  })
  await expect(ask('it hurts', { domain: 'gardening' })).rejects.toMatchObject({
    hint: 'The domains are: general, medical, tax_law.',
  })
  expect(await engine.view.peek({ kind: 'chain', key: 't' })).toBeUndefined()
  for (const domain of ['medical', 'Tax-Law', 'general'])
    expect(await ask('it hurts', { domain })).toMatchObject({ status: 'completed' })
})
