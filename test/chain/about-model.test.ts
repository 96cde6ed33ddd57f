import { expect, test } from 'vitest'
import { copyDisk, type InlineDisk, inlineDisk } from '../../src/engine/inline/disk.ts'
import { TerminalError } from '../../src/errors.ts'
import type { ProbeReport } from '../../src/model/probe/report.ts'
import { scriptedModel } from '../../src/testing/scripted-model.ts'
import { setUp, watched } from './fixture.ts'

/** A model that invents a price, and finds no needle. */
const PROBED = [
  { match: 'colour of the clear sky', reply: 'BLUE' },
  { match: 'Ada Reed', reply: { name: 'Ada Reed', berth: 12 } },
  { match: 'night ferry leave?', reply: 'It leaves at 23:40.' },
  { match: 'ticket cost', reply: 'A ticket costs 5 EUR.' },
  { match: '17 + 25', reply: '67' },
  { match: 'tool echo', calls: [{ name: 'echo', input: { action: 'echo harbour' } }] },
  { match: 'lighthouse', reply: 'It is not said.' },
  { match: 'about 100 words', reply: 'Gulls and nets.' },
]
const SOURCE = { id: 'm1', kind: 'model', ref: 'lab/one' }

const openLab = (probed = scriptedModel(PROBED, 'lab/one'), disk = inlineDisk()) => ({
  probed,
  ...setUp({ disk, others: { 'lab/one': probed }, script: { yield: 'It invents. <vid>v1</vid>' } }),
})

test('a model is probed once in its thread, and a follow-up is answered from the state', async () => {
  const { probed, engine, ask, record } = openLab()
  const first = await ask('What does it invent?', { files: [], sources: [SOURCE] })
  expect(first.citations[0]).toMatchObject({ file: 'lab/one', source: 'm1' })
  expect(probed.calls).toHaveLength(8)
  const { probes = [] } = (await engine.view.peek({ kind: 'phase', key: 't.experience.vectors' })) as {
    probes?: readonly ProbeReport[]
  }
  expect(probes).toMatchObject([
    { model: 'lab/one', capabilities: ['instruction', 'json', 'extraction', 'sums', 'tools', 'speed'] },
  ])
  const second = await ask('And which ticket did it invent?', { files: [] })
  expect(second.citations[0]).toMatchObject({ at: 'probe=refusal', text: expect.stringContaining('5 EUR') })
  expect(probed.calls).toHaveLength(8)
  expect((await record(2)).usage.input).toBeLessThan((await record(1)).usage.input)
})

test('killed at any commit, the probes that have answered are not asked again', async () => {
  const snapshots: { readonly disk: InlineDisk; readonly probes: number }[] = []
  let probes = 0
  const disk = watched((outcome) => {
    if (outcome?.effect?.startsWith('probe.')) probes++
    snapshots.push({ disk: copyDisk(disk), probes })
  })
  const about = { files: [], sources: [SOURCE], quick: true, id: 'ask_1' }
  const answer = await openLab(undefined, disk).ask('What does it invent?', about)
  expect(probes).toBe(8)
  for (const { disk, probes } of snapshots) {
    const { engine, ask, probed } = openLab(undefined, disk)
    await engine.start()
    expect(await ask('What does it invent?', about)).toEqual(answer)
    expect(probes + probed.calls.length).toBe(8)
  }
})

test('a model that does not answer is asked once, and the error says why nothing is known of it', async () => {
  const error = new TerminalError('the key is wrong', { code: 'model_unauthorized' })
  const { probed, ask } = openLab(scriptedModel([{ error }], 'lab/one'))
  await expect(ask('What can it do?', { files: [], sources: [SOURCE] })).rejects.toThrow(
    'lab/one was not read (the key is wrong)',
  )
  expect(probed.calls).toHaveLength(1)
})
