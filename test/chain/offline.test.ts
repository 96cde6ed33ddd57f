import { expect, test } from 'vitest'
import { createModels } from '../../src/model/registry.ts'
import { brief, setUp } from './fixture.ts'

const LICENCE = `# Licences

Every package is checked.

## Text against manifest

A licence text is recognised by comparing normalised words
with the standard texts. No model takes part in that.

## Numbers

At most twelve packages are read at once.
`
const RESUME = `# Resuming

## After a crash

A run goes on from the last durable commit. Steps that
were finished are not started again.

## By hand

Use the resume command with the id of the run.
`
const files = { 'licences.md': LICENCE, 'resume.md': RESUME }
const models = createModels({ embedder: 'none' }, {})
const offline = () => setUp({ models, files })
const both = ['licences.md', 'resume.md']

test.each([
  ['How is a licence text recognised?', 'licences.md', 7, 'standard texts'],
  ['From where does a run go on after a crash?', 'resume.md', 5, 'last durable commit'],
  ['How many packages are read at once?', 'licences.md', 12, 'twelve'],
])('%s', async (prompt, file, line, words) => {
  const reply = await offline().ask(prompt, { files: both })
  expect(reply.answer).toContain(words)
  expect(reply.answer).toMatch(/<vid>v\d<\/vid>/)
  expect(reply.citations[0]).toMatchObject({ file, line })
  expect(reply).toMatchObject({ status: 'completed', cycles: 1, invalidCitations: [], model: 'offline/extractive' })
  // Action had nothing to say before the files were read, and nothing is amiss
  expect(reply.degraded).toEqual([])
})

test('the same question gets the same answer', async () => {
  const [one, two] = [
    await offline().ask('How is a licence text recognised?', { files: both }),
    await offline().ask('How is a licence text recognised?', { files: both }),
  ]
  expect(two).toEqual(one)
})

test('a summary is asked for and given', async () => {
  const reply = await offline().ask('Summarise this', { files: ['resume.md'] })
  expect(reply.answer).toContain('A run goes on from the last durable commit.')
  expect(reply.citations).toMatchObject([{ file: 'resume.md' }])
})

test('a follow-up on the thread is answered from the same files', async () => {
  const chain = offline()
  await chain.ask('How is a licence text recognised?', { files: both })
  const reply = await chain.ask('How many packages are read at once?', { files: [] })
  expect(reply.citations).toMatchObject([{ file: 'licences.md', line: 12 }])
})

test('an earlier answer is not a source if texts are given', async () => {
  const { ask } = offline()
  const prompt = 'How is a licence text recognised?'
  await ask(prompt, { files: ['licences.md'] })
  await expect(ask(prompt, { files: ['resume.md'] })).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/^Nothing in resume\.md answers this/),
  })
})

test('without any text it fails at once and says what to give', async () => {
  const chain = offline()
  const asked = chain.ask('How many moons has Mars?', { files: [] })
  await expect(asked).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/--file.*ANTIPHON_MODEL/),
  })
  expect(brief(await chain.events())).toEqual(['ask-start', 'start action 1', 'degraded action 1', 'ask-end failed'])
})

test('an answer that the model is not sure of says so', async () => {
  const { ask, record } = offline()
  expect(await ask('How is a licence text recognised?', { files: both })).not.toHaveProperty('unsure')
  const unsure = await ask('Which steps were finished by somebody?', { files: ['resume.md'] })
  expect(unsure).toMatchObject({ unsure: true, citations: [{ file: 'resume.md' }] })
  expect(await record(2)).toMatchObject({ status: 'completed', unsure: true })
})

test('the model invents nothing that the files do not mention', async () => {
  const asked = offline().ask('Who painted the ceiling of the chapel?', { files: both })
  await expect(asked).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining('Nothing in licences.md or resume.md'),
  })
})

test('files that cannot be read are named when nothing else is there', async () => {
  const asked = offline().ask('How many packages are read at once?', { files: ['gone.md'] })
  await expect(asked).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('gone.md') })
})

const LEASE = `# Lease

The tenant pays 400 euros a month.

The landlord pays for the roof. The tenant keeps the jetty clean.

## Ending

Notice is three months, in writing.
`
const lease = () => setUp({ models, files: { 'lease.md': LEASE } })

test('each part of a question is answered and cited, and a part that nothing answers is named', async () => {
  const { ask, record } = lease()
  const both = await ask('Who pays for the roof, and how long is notice?', { files: ['lease.md'] })
  const sentences = both.answer.split('\n')
  expect(sentences).toEqual([
    expect.stringMatching(/^The landlord pays for the roof\. <vid>v\d<\/vid>$/),
    expect.stringMatching(/^Notice is three months, in writing\. <vid>v\d<\/vid>$/),
  ])
  expect(both.citations).toMatchObject([{ line: 5 }, { line: 9 }])
  expect(both).toMatchObject({ cycles: 1, degraded: [], parts: [{ answered: true }, { answered: true }] })
  const half = await ask('Who pays for the roof, and who painted the door?', { files: ['lease.md'] })
  expect(half.answer).toMatch(/^The landlord pays for the roof\. .*\nThe texts do not say: Who painted the door\?$/)
  expect(half.degraded).toContainEqual(expect.objectContaining({ phase: 'yield', completed: true }))
  const part = { question: 'Who painted the door?', answered: false, cites: [] }
  expect(await record(2)).toMatchObject({ status: 'completed', parts: [{ answered: true, cites: ['v1'] }, part] })
})

test('a question of which no part is answered is refused, and one of one part has no parts', async () => {
  const { ask } = lease()
  const neither = ask('Who painted the door, and how deep is the lake?', { files: ['lease.md'] })
  await expect(neither).rejects.toMatchObject({ code: 'refused' })
  expect(await ask('Who pays for the roof?', { files: ['lease.md'] })).not.toHaveProperty('parts')
})

test('a question that nothing answers is searched for once more where something is left, and only then', async () => {
  const sections = Array.from({ length: 12 }, (_, n) => `## Line ${n}\n\nThe ferry takes a ticket.\n`)
  const price =
    '## Fares\n\nWhen the office at the harbour is closed, the crew of a ferry sells a ticket for 7 euros.\n'
  const { ask, events } = setUp({ models, files: { 'ferry.md': [...sections, price].join('\n'), 'lease.md': LEASE } })
  const reply = await ask('How much does a ferry ticket cost?', { files: ['ferry.md'] })
  expect(reply).toMatchObject({ cycles: 2, citations: [{ text: expect.stringContaining('7 euros') }] })
  expect(brief(await events())).toContain('loop experience: needs information')
  await expect(ask('Who painted the door?', { files: ['lease.md'], thread: 'other' })).rejects.toThrow()
  expect(brief(await events('other')).filter((line) => line.startsWith('yield'))).toEqual(['yield: complete'])
})
