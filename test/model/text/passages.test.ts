import { describe, expect, it } from 'vitest'
import { splitPassages } from '../../../src/model/text/passages.ts'
import { threadTime } from '../../thread-time.ts'

const texts = (name: string, text: string) => splitPassages(name, text).map((passage) => passage.text)

describe('prose', () => {
  it('is split into sentences, whatever lines it is wrapped to', () => {
    expect(texts('a.md', 'The first one ends\nhere. The second\none too!')).toEqual([
      'The first one ends here.',
      'The second one too!',
    ])
  })

  it.each([
    ['Use a proxy, e.g. nginx, in front of it.'],
    ['Dr. Smith and J. Doe wrote it.'],
    ['It costs 3.50 a month.'],
    ['Version 1.2.3 is out.'],
    ['See `a.b. C` for more.'],
    ['Read [the guide](https://example.org/a.html?x=1) first.'],
  ])('%j is one sentence', (sentence) => {
    expect(splitPassages('a.md', sentence)).toHaveLength(1)
  })

  it('reads without markup', () => {
    expect(
      texts('a.md', 'Run **this** `command` from [the _guide_](x.html), not snake_case_name <br/> 2 * 3 * 4.'),
    ).toEqual(['Run this command from the guide, not snake_case_name 2 * 3 * 4.'])
  })

  it('leaves images and badges out', () => {
    expect(
      texts('a.md', '[![Build](https://ci.example.org/a.svg?x=1)](https://ci.example.org)\n\nA small tool.'),
    ).toEqual(['A small tool.'])
  })

  it('is cut between words when it has no end', () => {
    const parts = splitPassages('a.txt', 'word '.repeat(1000))
    expect(parts.length).toBeGreaterThan(4)
    expect(parts.every(({ text }) => text.length <= 1000 && /^word.*word$/.test(text))).toBe(true)
  })
})

describe('places', () => {
  const text =
    '# Guide\n\nIntro here.\n\n## Install\r\n\r\n- Get it\r\n  from the shop.\r\n- Run it.\n\nOld way\n-------\n\nAsk us. We help\nyou.\n'
  const passages = splitPassages('guide.md', text)

  it('count lines from 1, the last line included', () => {
    expect(passages.map(({ text, line, endLine }) => [text, line, endLine])).toEqual([
      ['Intro here.', 3, 3],
      ['Get it from the shop.', 7, 8],
      ['Run it.', 9, 9],
      ['Ask us.', 14, 14],
      ['We help you.', 14, 15],
    ])
  })

  it('are the offsets of what is written', () => {
    expect(passages.map(({ start, end }) => text.slice(start, end))).toEqual([
      'Intro here.',
      'Get it\r\n  from the shop.',
      'Run it.',
      'Ask us.',
      'We help\nyou.',
    ])
  })

  it('name the headings above, marked or underlined', () => {
    expect(passages.map(({ heading }) => heading)).toEqual([
      'Guide',
      'Guide › Install',
      'Guide › Install',
      'Guide › Old way',
      'Guide › Old way',
    ])
  })

  it('name titles without marks, and none runs into the sentence below it', () => {
    const text = [
      'Owner’s guide',
      '',
      '1. Fee',
      'The fee is 95 pounds per thousand words, and is paid',
      'on signature.',
      '',
      'Frozen pipe',
      'In hard frost the pipe can freeze.',
      '',
      '<h2>Rent</h2>',
      'It is due in May.',
    ].join('\n')
    expect(splitPassages('a.txt', text).map(({ heading, text, line }) => [heading, text, line])).toEqual([
      ['', 'Owner’s guide', 1],
      ['Fee', 'The fee is 95 pounds per thousand words, and is paid on signature.', 4],
      ['Frozen pipe', 'In hard frost the pipe can freeze.', 8],
      ['Rent', 'It is due in May.', 11],
    ])
  })

  it.each([
    'We met the new chair, Ms\nAchebe, on the stairs of the town hall.',
    'The association has 64 plots, says the chair of\nMill Lane, and a list.',
    'Jane Smith\nMain Street 4\nLondon',
    '- Fruit trees\n  Stand two metres from the edge of a plot.',
    'The rent is due in May.\nIt is paid by bank transfer.',
  ])('a line that goes on below is not a title: %j', (text) => {
    expect(splitPassages('a.txt', text).map(({ heading }) => heading)).not.toContain(text.split('\n')[0])
    expect(splitPassages('a.txt', text).every(({ heading }) => heading === '')).toBe(true)
  })

  it('tell which sentences stand in one block', () => {
    expect(passages.map(({ block }) => block)).toEqual([0, 1, 2, 3, 3])
  })
})

describe('other forms', () => {
  it('a table has a passage for each row, below the names of its columns', () => {
    const table =
      '# Sizes\n\n| size | price |\n|---|---|\n| small | 3 |\n| large | 5 |\n\nAll in euros.\n\n| no | names |'
    expect(splitPassages('a.md', table).map(({ kind, text, heading }) => [kind, text, heading])).toEqual([
      ['row', 'size: small, price: 3', 'Sizes › size — price'],
      ['row', 'size: large, price: 5', 'Sizes › size — price'],
      ['paragraph', 'All in euros.', 'Sizes'],
      ['row', 'no — names', 'Sizes'],
    ])
  })

  it('a day before its month does not end a sentence', () => {
    const text = 'Er wurde am 12. April 1921 gegründet. Er hat 12. Mehr nicht.'
    expect(splitPassages('a.txt', text).map((passage) => passage.text)).toEqual([
      'Er wurde am 12. April 1921 gegründet.',
      'Er hat 12.',
      'Mehr nicht.',
    ])
  })

  it('fenced code keeps its lines, and its comments are no headings', () => {
    const [before, code, after] = splitPassages('a.md', 'Run:\n\n```sh\n# now\nnpm ci\n```\n\nDone.')
    expect([before?.text, code?.kind, code?.text, after?.text, after?.heading]).toEqual([
      'Run:',
      'code',
      '# now\nnpm ci',
      'Done.',
      '',
    ])
  })

  it('a quotation reads without its marks', () => {
    expect(texts('a.md', '> One thing\n> is left.')).toEqual(['One thing is left.'])
  })

  it('source code is split at blank lines and after twelve lines', () => {
    const lines = Array.from({ length: 15 }, (_, line) => `line${line}`).join('\n')
    const passages = splitPassages('a.ts', `const a = 1\n\n${lines}`)
    expect(passages.map(({ line, endLine }) => [line, endLine])).toEqual([
      [1, 1],
      [3, 14],
      [15, 17],
    ])
  })

  it.each([
    ['a.min.js', 'a=b;'.repeat(5_000)],
    ['a.md', `\`\`\`js\n${'a=b; '.repeat(4_000)}\n\`\`\``],
    ['a.csv', 'a,b,'.repeat(5_000)],
    ['a.md', 'a | b '.repeat(4_000)],
  ])('a line of %s without an end is cut', (name, text) => {
    const passages = splitPassages(name, text)
    const letters = (one: string) => one.replace(/[^ab]/g, '')
    expect(Math.max(...passages.map((passage) => passage.text.length))).toBeLessThan(13_000)
    expect(letters(passages.map((passage) => passage.text).join(''))).toBe(letters(text))
  })

  it('nothing is cut within a character', () => {
    const passages = splitPassages('a.csv', `a${'😀'.repeat(10_000)}b`)
    expect(passages.length).toBeGreaterThan(1)
    expect(passages.every(({ text }) => text.isWellFormed())).toBe(true)
  })

  it('a log has a passage for each line', () => {
    expect(texts('a.log', '10:00 start. ok\n10:01 stop')).toEqual(['10:00 start. ok', '10:01 stop'])
  })

  it.each(['', ' \n\n', '---\n***\n', '# Title only'])('%j has none', (text) => {
    expect(splitPassages('a.md', text)).toEqual([])
  })

  it('too large a document is refused by name', () => {
    expect(() => splitPassages('big.txt', 'x'.repeat(5_000_000))).toThrow(
      expect.objectContaining({ name: 'InvalidError', code: 'too_large', message: expect.stringContaining('big.txt') }),
    )
  })

  it('hostile text takes no long time', () => {
    const hostile = [
      '*'.repeat(50_000),
      '[('.repeat(25_000),
      '`'.repeat(50_000),
      '<a '.repeat(20_000),
      'a.'.repeat(25_000),
      '| '.repeat(25_000),
      'A. '.repeat(300_000),
      'ab'.repeat(1_500_000),
    ]
    const started = threadTime()
    for (const text of hostile) splitPassages('a.md', text)
    expect(threadTime() - started).toBeLessThan(2000)
  })

  it('reads a name without a known ending as prose, a variable of a template for one', () => {
    expect(splitPassages('text.content', 'One is here. Two is there.').map(({ kind }) => kind)).toEqual([
      'paragraph',
      'paragraph',
    ])
  })
})

it('reads JSON Lines line by line, with the name of each field before its value', () => {
  const lines = [
    '{"name": "Petrel", "found": {"place": "Skagen", "by": ""}, "tags": ["grey", "male"], "seen": [{"at": 3}]}',
    '{"name": "Skua", "found": null, "old": true}',
    'not JSON',
    '[1, 2]',
  ]
  expect(splitPassages('birds.jsonl', lines.join('\n')).map(({ text, line }) => [text, line])).toEqual([
    ['name: Petrel, found.place: Skagen, tags: grey; male, seen.1.at: 3', 1],
    ['name: Skua, old: true', 2],
    ['not JSON', 3],
    ['[1, 2]', 4],
  ])
})
