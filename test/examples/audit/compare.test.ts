import { expect, test } from 'vitest'
import { compare } from '../../../examples/audit/compare.ts'
import type { FoundLicence } from '../../../examples/audit/facts.ts'
import { licencesOf, manifestOf } from './facts.ts'
import { call, contextOf } from './fixture.ts'

const compared = (declared: string | null, ...found: readonly Partial<FoundLicence>[]) =>
  call(compare, { manifest: manifestOf({ declared }), licence: licencesOf(...found) }, contextOf('/'))
const verdict = async (declared: string | null, ...licences: readonly string[]) =>
  (await compared(declared, ...licences.map((licence) => ({ licence })))).verdict

test('says what it compared, and where it is written', async () => {
  expect(await compared('ISC', { licence: 'MIT', line: 5 })).toEqual({
    path: 'a',
    verdict: 'differs',
    declared: 'ISC',
    found: ['MIT'],
    extra: ['MIT'],
    missing: ['ISC'],
    reason: 'declares ISC, the text is MIT',
    places: [
      { file: 'a/package.json', line: 4 },
      { file: 'a/LICENSE', line: 5 },
    ],
  })
})

test.each([
  ['MIT', ['MIT'], 'agrees'],
  ['mit', ['MIT'], 'agrees'],
  ['MIT', ['Apache-2.0'], 'differs'],
  ['MIT OR Apache-2.0', ['Apache-2.0'], 'agrees'],
  ['MIT OR Apache-2.0', ['Apache-2.0', 'MIT'], 'agrees'],
  ['MIT OR Apache-2.0', ['ISC'], 'differs'],
  ['MIT AND Apache-2.0', ['MIT'], 'differs'],
  ['MIT AND Apache-2.0', ['Apache-2.0', 'MIT'], 'agrees'],
  ['(MIT OR CC0-1.0) AND ISC', ['CC0-1.0', 'ISC'], 'agrees'],
  ['(MIT OR CC0-1.0) AND ISC', ['CC0-1.0', 'MIT'], 'differs'],
  ['BSD-2-Clause', ['BSD-3-Clause'], 'differs'],
  ['0BSD', ['ISC'], 'differs'],
  ['GPL-2.0', ['GPL-2.0-only'], 'agrees'],
  ['GPL-2.0+', ['GPL-2.0-only'], 'agrees'],
  ['GPL-2.0-or-later', ['GPL-2.0-only'], 'agrees'],
  ['GPL-2.0-only WITH Classpath-exception-2.0', ['GPL-2.0-only'], 'agrees'],
  ['GPL-2.0-with-classpath-exception', ['GPL-2.0-only'], 'agrees'],
  ['GPL-2.0', ['GPL-3.0-only'], 'differs'],
  ['Apache-2.0+', ['Apache-2.0'], 'agrees'],
  ['BSD-2-Clause-NetBSD', ['BSD-2-Clause'], 'agrees'],
  ['Apache 2.0', ['Apache-2.0'], 'agrees'],
  ['The MIT License', ['MIT'], 'agrees'],
  ['Apache License, Version 2.0', ['MIT'], 'differs'],
  ['MIT', [], 'no-text'],
  ['UNLICENSED', [], 'agrees'],
  ['UNLICENSED', ['MIT'], 'differs'],
  ['BSD', ['BSD-3-Clause'], 'unknown-declaration'],
  ['ask me', ['MIT'], 'unknown-declaration'],
  ['constructor', ['MIT'], 'unknown-declaration'],
  [null, ['MIT'], 'no-declaration'],
  [null, [], 'no-declaration'],
])('%j with the texts %j: %s', async (declared, licences, expected) => {
  expect(await verdict(declared, ...licences)).toBe(expected)
})

test('texts after the first need not be declared; they are named', async () => {
  expect(await compared('MIT', { licence: 'MIT' }, { licence: 'ISC' }, { licence: 'MIT' })).toMatchObject({
    verdict: 'agrees',
    extra: ['ISC'],
  })
  expect(await verdict('MIT', 'Apache-2.0', 'MIT')).toBe('differs')
})

test('the report of a choice names the licences without a text', async () => {
  expect(await compared('MIT OR Apache-2.0', { licence: 'MIT' })).toMatchObject({ missing: ['Apache-2.0'] })
})

test('a text that several ids share stands for each of them', async () => {
  const text = { licence: 'MPL-2.0', also: ['MPL-2.0-no-copyleft-exception'] }
  expect(await compared('MPL-2.0-no-copyleft-exception', text)).toMatchObject({
    verdict: 'agrees',
    extra: [],
    missing: [],
  })
})

test('a notice counts as the licence, and is called a notice', async () => {
  expect(await compared('Apache-2.0', { licence: 'Apache-2.0', by: 'excerpt' })).toMatchObject({
    verdict: 'agrees',
    reason: 'the text is Apache-2.0 (by its notice)',
  })
})

test('a name is not a text, but may differ', async () => {
  const named = { licence: 'MIT', by: 'name' as const }
  expect(await compared('MIT', named)).toMatchObject({ verdict: 'no-text', found: [] })
  expect(await compared('ISC', named)).toMatchObject({ verdict: 'differs', reason: 'declares ISC, its files name MIT' })
})

test('an unknown text is neither agreement nor difference', async () => {
  const unknown = { licence: null, by: 'none' as const, score: 0.71, nearest: 'MIT' }
  expect(await compared('MIT', unknown)).toMatchObject({
    verdict: 'unknown-text',
    reason: 'the text is no standard one; nearest is MIT (0.71)',
  })
})

test('a reference to a file agrees when the file is there', async () => {
  const declared = 'SEE LICENSE IN terms.txt'
  expect(await compared(declared, { file: 'a/terms.txt', licence: null, by: 'none' })).toMatchObject({
    verdict: 'agrees',
  })
  expect(await compared(declared, { licence: 'MIT' })).toMatchObject({
    verdict: 'no-text',
    reason: 'refers to terms.txt, which is not there',
  })
})
