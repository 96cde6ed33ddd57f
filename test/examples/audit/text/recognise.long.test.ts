import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { textId } from '../../../../examples/audit/expression/ids.ts'
import { recognise } from '../../../../examples/audit/text/recognise.ts'
import { ISC, MIT, standardText } from '../fixture.ts'

const texts: Readonly<Record<string, { readonly licenseText: string }>> = createRequire(import.meta.url)(
  'spdx-license-list/full',
)
const licencesIn = (text: string) => recognise(text).found.map(({ licence }) => licence)

test('knows a text whatever its title, holder, case, wraps and punctuation', () => {
  const body = MIT.split('\n\n').slice(2).join('\n\n')
  const wrapped = body
    .replace(/\s+/g, ' ')
    .replace(/(.{1,50}) /g, '// $1\n')
    .toUpperCase()
  const text = `# The MIT License (MIT)\n\nCopyright © 2011-2024 Somebody <mail@example.org>\nAll rights reserved.\n\n${wrapped}`
  expect(recognise(text).found).toEqual([{ line: 6, licence: 'MIT', also: [], by: 'text', score: 1, nearest: null }])
})

test('knows every standard text by itself', () => {
  const wrong = Object.entries(texts).filter(([id, { licenseText }]) => {
    const [first, ...more] = recognise(licenseText).found
    return more.length > 0 || first?.score !== 1 || ![first.licence, ...first.also].includes(id)
  })
  expect(wrong).toEqual([])
})

test('knows a text of which some words were changed, and says how alike it is', () => {
  const { found } = recognise(MIT.replace('free of charge', 'without any charge').replace('sublicense', 'license on'))
  expect(found).toMatchObject([{ licence: 'MIT', by: 'text' }])
  expect(found[0]!.score).toBeGreaterThan(0.9)
  expect(found[0]!.score).toBeLessThan(1)
})

test('tells near texts apart: ISC and 0BSD, BSD with two and three clauses, MIT and its variants', () => {
  const changed = (id: string) => standardText(id).replace('THE USE', 'ANY USE').replace('SUBSTITUTE', 'OTHER')
  for (const id of [
    'ISC',
    '0BSD',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'BSD-4-Clause',
    'MIT',
    'MIT-0',
    'X11',
    'JSON',
    'Zlib',
  ]) {
    expect(licencesIn(changed(id))).toEqual([id])
  }
  expect(licencesIn(ISC)).toEqual(['ISC'])
})

test('a holder named inside a sentence changes nothing', () => {
  const bsd = standardText('BSD-3-Clause')
    .replace(/neither the name of .*? nor/i, 'Neither the name of the Example Project nor')
    .replace(/IN NO EVENT SHALL .*? BE LIABLE/, 'IN NO EVENT SHALL A. AUTHOR BE LIABLE')
    .replace(/PROVIDED BY .*? "AS IS"/, 'PROVIDED BY A. AUTHOR "AS IS"')
  expect(bsd.match(/A\. AUTHOR|Example Project/g)).toHaveLength(3)
  expect(recognise(bsd).found).toMatchObject([{ licence: 'BSD-3-Clause', score: 1 }])
  expect(recognise(ISC).found).toMatchObject([{ licence: 'ISC', score: 1 }])
})

test('finds several licences in one file, with the line where each begins', () => {
  const text = `Choose one of these.\n\n${MIT}\n\n---\n\n${standardText('Apache-2.0')}\n\nThe logo is under this:\n\n${ISC}`
  const { found, outside } = recognise(text)
  const apache = text.split('\n').indexOf('Version 2.0, January 2004') + 1
  expect(found.map(({ licence }) => licence)).toEqual(['MIT', 'Apache-2.0', 'ISC'])
  expect(found[0]!.line).toBe(7)
  expect(found[1]!.line).toBe(apache)
  expect(outside).toBeGreaterThan(3)
  expect(outside).toBeLessThan(25)
})

test('counts the same licence as often as it is there', () => {
  expect(licencesIn([MIT, ISC, MIT, MIT].join('\n\n'))).toEqual(['MIT', 'ISC', 'MIT', 'MIT'])
})

test('knows the Apache licence without its appendix, and its notice as an excerpt', () => {
  const full = standardText('Apache-2.0')
  const withoutAppendix = full.slice(0, full.indexOf('APPENDIX'))
  expect(recognise(withoutAppendix).found).toMatchObject([{ licence: 'Apache-2.0', by: 'text', score: 1 }])
  const notice = full.slice(full.indexOf('Licensed under the Apache License'))
  expect(recognise(`Copyright 2023 A. Author\n\n${notice}`).found).toMatchObject([
    { licence: 'Apache-2.0', by: 'excerpt' },
  ])
})

test('names the GNU licences by their text: only and or-later share it', () => {
  expect(recognise(standardText('GPL-3.0-or-later')).found).toMatchObject([
    { licence: 'GPL-3.0-only', also: expect.arrayContaining(['GPL-3.0-or-later', 'GPL-3.0']) },
  ])
})

test('takes a short text that only names a licence for its name', () => {
  expect(recognise('Apache License 2.0\n\nSee the LICENSE file in the root.').found).toMatchObject([
    { licence: 'Apache-2.0', by: 'name', line: 1 },
  ])
  expect(licencesIn('Licensed under the MIT license or, if you like, the Apache License, Version 2.0.')).toEqual([
    'MIT',
    'Apache-2.0',
  ])
})

test('says of an unknown text that it is unknown, and what is nearest', () => {
  const own = 'You may use this on Tuesdays, provided that you send a postcard to the author from wherever you are.'
  expect(recognise(own).found).toEqual([{ line: 1, licence: null, also: [], by: 'none', score: 0, nearest: null }])
  const half = MIT.slice(0, MIT.indexOf('The above copyright')) + own.repeat(2)
  expect(recognise(half).found).toMatchObject([{ licence: null, by: 'none', nearest: expect.any(String) }])
})

test('finds nothing in an empty text', () => {
  expect(recognise(' \n\n')).toEqual({ found: [], words: 0, outside: 0 })
})

test('knows nearly every standard text with a word put in after each sixty', () => {
  const disturbed = (text: string) =>
    text
      .split(/(?<=\s)/)
      .map((word, at) => (at % 60 === 59 ? `indeed ${word}` : word))
      .join('')
  const missed = Object.entries(texts).filter(([id, { licenseText }]) => {
    const { found } = recognise(`A project of mine.\n\n${disturbed(licenseText)}`)
    return !found.some(({ licence, also }) =>
      [licence, ...also].some((known) => known !== null && textId(known) === textId(id)),
    )
  })
  expect(missed.length).toBeLessThan(Object.keys(texts).length / 50)
})

test('a long file of many licences is read in bounded time', () => {
  const many = Array.from({ length: 150 }, () => MIT).join('\n\n')
  const begin = performance.now()
  expect(licencesIn(many).length).toBe(150)
  expect(performance.now() - begin).toBeLessThan(10_000)
})
