import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { guided } from '../../../src/chain/domains/guide.ts'
import { filesOfDomains, readDomains } from '../../../src/chain/domains/read-domains.ts'
import { createLimits } from '../../../src/chain/protocol/limits.ts'
import { searchTexts } from '../../../src/chain/retrieval/search-texts.ts'
import { loadConfig } from '../../../src/config/config.ts'
import { configuredDomains } from '../../../src/runtime/services/domains.ts'
import { loadedFiles } from '../../../src/runtime/services/loaded-files.ts'
import { readTextDocument } from '../../../src/source/source.ts'
import { builtinTools } from '../../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { setUp } from '../fixture.ts'

const LEGAL = `  legal:
    about: contracts, a lease, rent, tenants and landlords
    sources: [lease]
    terms: terms.csv
    instructions: { yield: Quote the clause. }
    notice: No legal advice.
    models: { yield: other/model }
    checks: [cited, fresh: 90d]
    otherwise: refuse
`

function folderWith(domains = LEGAL) {
  const folder = mkdtempSync(join(tmpdir(), 'domains-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'lease'))
  writeFileSync(
    join(folder, 'lease/flat.md'),
    '# One\n\nThe landlord gives notice six months before.\n\n# Two\n\nThe tenant gives notice three months before.\n',
  )
  writeFileSync(join(folder, 'terms.csv'), 'tenant,renter\n')
  writeFileSync(join(folder, 'antiphon.yaml'), `model: offline/extractive\ndomains:\n${domains}`)
  return folder
}

async function ownDomains(folder: string) {
  const config = await loadConfig({ folder, environment: {} })
  return { ...(await readDomains(config, createLimits())), changedAt: async () => Date.now() }
}

test('an ask searches the files of its domain by all words of a term, and its answer ends with the notice', async () => {
  const { ask, record, events, model } = setUp(await ownDomains(folderWith()))
  const asked = { files: [], domain: 'legal', models: { default: 'offline/extractive' } }
  const answer = 'The tenant gives notice three months before. <vid>v1</vid>\n\nNo legal advice.'
  const reply = await ask('When does the renter give notice?', asked)
  expect(reply).toMatchObject({ answer, domain: 'legal', notice: 'No legal advice.' })
  expect(reply.citations).toMatchObject([{ source: 'd1', file: 'lease/flat.md', line: 7 }])
  expect((await events())[0]!.body).toMatchObject({ type: 'ask-start', domain: 'legal' })
  // the next ask on the thread has none of it: a notice is no part of the answer
  await ask('And then?')
  const [action] = model.calls
  expect(action!.prompt).toContain('three months before.')
  expect(action!.prompt).not.toContain('No legal advice')
  expect(await record(2)).not.toHaveProperty('domain')
})

test('a search takes the words of a term for the same word, and so does a model that only selects', async () => {
  const text = readFileSync(join(folderWith(), 'lease/flat.md'), 'utf8')
  const texts = [
    { source: { id: 'd1', kind: 'domain' as const, ref: 'flat.md' }, content: await readTextDocument('flat.md', text) },
  ]
  const search = { question: 'When does the renter give notice?', known: [] }
  const found = async (terms: readonly string[][]) => (await searchTexts(texts, { ...search, terms })).hits[0]!.line
  expect(await found([])).toBe(3)
  expect(await found([['tenant', 'renter']])).toBe(7)
  const task = { kind: 'answer' as const, question: search.question }
  const assignment = { task, documents: [{ name: 'v1', text }], instruction: 'Yield.' }
  const guide = (terms: readonly string[][]) => guided(assignment, { ofDomain: { terms } }, 'yield', { offline: true })
  expect(guide([['tenant', 'renter']]).task.question).toBe('When does the tenant give notice?')
  expect(guide([])).toEqual(assignment)
})

test('prompts have the instruction and the terms of the domain; its models give way to those of the ask', async () => {
  const other = setUp({}).model
  const { ask, model } = setUp({ ...(await ownDomains(folderWith())), others: { 'other/model': other } })
  await ask('When does the renter give notice?', { files: [], domain: 'legal' })
  expect(other.calls.map(({ prompt }) => prompt)).toEqual([expect.stringContaining('\nQuote the clause.\n')])
  expect(other.calls[0]!.prompt).toContain('these words mean the same: "tenant" = "renter".')
  expect(model.calls.every(({ prompt }) => !prompt.includes('Quote the clause'))).toBe(true)
  await ask('When?', { files: [], domain: 'legal', models: { default: 'scripted/model' } })
  expect(other.calls).toHaveLength(1)
})

test('`auto` takes the domain whose `about` fits, or general; without one it is refused', async () => {
  const { ask, record } = setUp(await ownDomains(folderWith()))
  const asked = { domain: 'auto', models: { default: 'offline/extractive' } }
  expect(await ask('When does the tenant give notice of a lease?', { ...asked, files: [] })).toMatchObject({
    domain: 'legal',
  })
  expect(await ask('What is the moon made of?', asked)).toMatchObject({
    domain: 'general',
    citations: [{ file: 'moon.md' }],
  })
  expect((await record(2)).degraded.map(({ reason }) => reason)).toContainEqual(
    expect.stringMatching(/^no domain surely fits/),
  )
  await expect(ask('it hurts', { domain: 'leagl' })).rejects.toMatchObject({ hint: 'Did you mean legal?' })
  await expect(setUp().ask('it hurts', asked)).rejects.toMatchObject({ code: 'unknown_domain' })
})

test('a file of a domain is read only as it was at the start, and models may not change it', async () => {
  const folder = folderWith()
  const own = await ownDomains(folder)
  appendFileSync(join(folder, 'lease/flat.md'), 'Ignore the lease.\n')
  const { ask } = setUp(own)
  const refused = ask('When does the tenant give notice?', {
    files: [],
    domain: 'legal',
    models: { default: 'offline/extractive' },
  })
  await expect(refused).rejects.toMatchObject({
    message: expect.stringContaining('changed since antiphon read its domains'),
  })
  const config = await loadConfig({ folder, environment: {} })
  expect(filesOfDomains(config)).toEqual([join(folder, 'lease'), join(folder, 'terms.csv')])
  expect(loadedFiles(config).files().fixed).toEqual(expect.arrayContaining([...filesOfDomains(config)]))
})

test.each([
  ['  legal: { sorces: [lease] }\n', 'sorces', 3, 'Did you mean `sources`?'],
  ['  legal: { sources: [lease, nope] }\n', 'there is no file nope', 3, undefined],
  ['  legal: { checks: [cite] }\n', 'did you mean cited?', 3, undefined],
  ['  legal: { checks: [fresh: soon] }\n', 'fresh: 90d', 3, undefined],
  ['  legal: { instructions: { yeild: x } }\n', 'yeild', 3, 'Did you mean `yield`?'],
  ['  auto: { about: x }\n', 'expected another one', 3, undefined],
])('%j is refused with its line', async (domains, message, line, hint) => {
  await expect(loadConfig({ folder: folderWith(domains), environment: {} })).rejects.toMatchObject({
    message: expect.stringContaining(message),
    place: { line },
    ...(hint !== undefined && { hint }),
  })
})

test.each([
  [
    'tools: [read, grepp]',
    '`domains.legal.tools.1`: there is no tool grepp',
    4,
    expect.stringMatching(/^Did you mean /),
  ],
  ['models: { yield: ollma/x }', '`domains.legal.models.yield`: no model', 4, undefined],
  ['terms: {}', '`domains.legal.terms`: There is no term.', 4, expect.stringContaining('{ tenant: [renter, lessee] }')],
])('%s is refused with its line, when the tools are known', async (domain, message, line, hint) => {
  const folder = folderWith(`  legal:\n    ${domain}\n`)
  const resolve = () => {
    throw new Error('no model')
  }
  const config = await loadConfig({ folder, environment: {} })
  await expect(configuredDomains(config, { resolve } as never, createToolbox(builtinTools))).rejects.toMatchObject({
    message,
    place: { file: join(folder, 'antiphon.yaml'), line },
    ...(hint !== undefined && { hint }),
  })
})

test('the files of the example are complete, and its checks are normal texts', async () => {
  const { domains } = await loadConfig({ folder: folderWith(), environment: {} })
  expect(domains?.legal?.checks).toEqual(['cited', 'fresh: 90d'])
  const folder = join(import.meta.dirname, '../../../examples/domains')
  const { ownDomains, domainFiles } = await readDomains(await loadConfig({ folder, environment: {} }), createLimits())
  const sources = [...ownDomains.values()].flatMap((domain) => domain.sources)
  expect(sources.map((source) => `${source.ref} ${domainFiles.list(source, 10).files.length}`)).toEqual([
    'medical/texts 3',
    'legal/texts 3',
    'financial/texts 3',
  ])
  const [medical] = sources
  expect(domainFiles.list(medical!, 2)).toMatchObject({ bounds: ['only the first 2 of 3 files are read'] })
  expect(() => domainFiles.list({ ...medical!, hash: 'other' }, 9)).toThrow('not those that the ask began with')
})
