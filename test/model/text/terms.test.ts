import { describe, expect, it } from 'vitest'
import { stem } from '../../../src/model/text/stem.ts'
import { nameToWords, queryTerms, termsOf } from '../../../src/model/text/terms.ts'
import { threadTime } from '../../thread-time.ts'

describe('stem', () => {
  it.each([
    ['install', ['installs', 'installed', 'installing', 'installation', 'installations']],
    ['licence', ['license', 'licences', 'licensing', 'licensed']],
    ['certificate', ['certificates']],
    ['company', ['companies']],
    ['colour', ['color', 'colors', 'coloured']],
    ['stop', ['stops', 'stopped', 'stopping']],
    ['organise', ['organize', 'organised', 'organizing']],
    ['write', ['writes', 'wrote', 'written', 'writing']],
    ['die', ['dies', 'died', 'dying']],
    ['eat', ['eats', 'ate', 'eaten', 'eating']],
    ['child', ['children']],
    ['size', ['sizes', 'sized']],
  ])('%s and its forms are one', (word, forms) => {
    expect(forms.map(stem)).toEqual(forms.map(() => stem(word)))
  })

  it.each([
    ['process', 'procedure'],
    ['lead', 'led'],
    ['import', 'important'],
  ])('%s and %s are two', (a, b) => {
    expect(stem(a)).not.toBe(stem(b))
  })
})

describe('termsOf', () => {
  it('leaves out words without meaning', () => {
    expect(termsOf('It is the parser of the file')).toEqual(termsOf('parser file'))
  })

  it.each([
    ['서울에서 살아요', '서울'],
    ['학교에서는', '학교'],
    ['집에서', '집'],
    ['والكتاب', 'كتاب'],
    ['للكتاب', 'كتاب'],
    ['הספר', 'ספר'],
    ['בהספריה', 'ספריה'],
    ['all is well 🔥!', '🔥'],
  ])('knows a word without the article or particle that is written with it: %s', (text, word) => {
    expect(termsOf(text)).toEqual(expect.arrayContaining(termsOf(word)))
  })

  it('takes no short word for an article or a particle', () => {
    for (const word of ['나는', 'הוא', 'الم', '©']) expect(termsOf(word).length).toBeLessThan(2)
  })

  it('knows an identifier by its whole and its parts', () => {
    expect(termsOf('readFileSync auth_timeout')).toEqual(
      expect.arrayContaining(['readfilesync', 'read', 'file', 'auth', 'timeout']),
    )
  })

  it('reads other scripts as they are', () => {
    expect(termsOf('Größe файл')).toEqual(['groess', 'файл'])
  })
})

describe('termsOf other scripts', () => {
  it('keeps the signs of vowels within their words', () => {
    expect(termsOf('किराया कितना है')).toEqual(['किराया', 'कितना', 'है'])
  })

  it('finds words where no space is set between them', () => {
    expect(termsOf('贝尔发明了电话。')).toEqual(expect.arrayContaining(['发明', '电话']))
    expect(termsOf('電話を発明した')).toEqual(expect.arrayContaining(['電話', '発明']))
  })

  it('knows an accent however it is written', () => {
    expect(termsOf('cafe\u0301')).toEqual(termsOf('café'))
  })
})

describe('queryTerms', () => {
  it('holds each term once', () => {
    expect(queryTerms('files, file and filing of files')).toHaveLength(1)
  })

  it('leaves out what a question is put with', () => {
    expect(queryTerms('How many days do I need to get a card?')).toEqual(queryTerms('days, get, card'))
    expect(queryTerms('Does it need a database?')).toEqual(queryTerms('need database'))
  })

  it('leaves out the small words of other languages, which English may have as words of its own', () => {
    expect(queryTerms('Wie hoch ist die Grenze in London?')).toEqual(queryTerms('hoch Grenze London'))
    expect(queryTerms('Combien coûte le billet ?')).toEqual(queryTerms('coûte billet'))
    expect(queryTerms('When did the author die?')).toContain('die')
  })

  it.each([
    ['Was war der Grund für die Verspätung?', 'Grund Verspätung'],
    ['Wieviel kostet eine Karte für Kinder im Jahr?', 'kostet Karte Kinder Jahr'],
    ['Pourquoi les bateaux ne peuvent-ils pas entrer dans le port ?', 'bateaux entrer port'],
    ['Quelle est la profondeur de l’eau ?', 'profondeur eau'],
    ["Qu'est-ce que la vitamine C ?", 'vitamine C'],
    ["Dov'è la chiave dell'ufficio?", 'chiave ufficio'],
    ['Come si arriva al museo?', 'arriva museo'],
    ['Hoeveel kost een kaartje voor de boot?', 'kost kaartje boot'],
    ['¿Cuándo abre la biblioteca de la calle Mayor?', 'abre biblioteca calle Mayor'],
    ['Wie viele Sacks erzielte Jared Allen, und was sagen Sie dazu?', 'Sacks erzielte Jared Allen sagen'],
    ['Che cosa è l’AI per Mia?', 'AI Mia'],
    ['WIE HOCH IST DIE GRENZE?', 'HOCH GRENZE'],
    ['¿Cuantos dias dura el curso?', 'dias dura curso'],
  ])('%s: %s', (question, words) => {
    expect(new Set(queryTerms(question))).toEqual(new Set(termsOf(words)))
  })

  it('keeps the small words of languages other than that of the question', () => {
    expect(queryTerms('Wer singt das Lied La Mer?')).toEqual(termsOf('singt Lied La Mer'))
    expect(queryTerms('Wie is de baas van Die Zeit?')).toEqual(termsOf('baas Die Zeit'))
    expect(queryTerms('What happened at no man’s land, come rain?')).toEqual(expect.arrayContaining(['come', 'rain']))
    // as many small words of French as of Spanish: those that both have leave
    expect(queryTerms('Prix de la Paz')).toEqual(termsOf('Prix Paz'))
    expect(queryTerms('Hvem er det som har nøkkelen på kontoret?')).toEqual(termsOf('har nøkkelen kontoret'))
  })

  it('cuts no token, whatever small words it contains', () => {
    expect(queryTerms('DE89370400440532013000')).toEqual(['de89370400440532013000'])
    expect(queryTerms('Wer hat die Nummer vice-DE-x und ES7n bezahlt?')).toEqual(
      termsOf('Nummer vice-DE-x ES7n bezahlt'),
    )
    expect(queryTerms('¿Quién pagó el número vice-DE-x y ES7n?')).toEqual(
      termsOf('pagó número vice-DE-x ES7n').filter((term) => term !== 'de'),
    )
    expect(queryTerms('what happens-x1')).toContain('happens-x1')
  })

  it.each(['Who are you?', 'Wer sind Sie?', 'Où est-il ?', 'Chi è lei?', 'Wie is zij?', '¿Quién es usted?'])(
    'is not empty for the common words of %s',
    (question) => {
      expect(queryTerms(question).length).toBeGreaterThan(0)
    },
  )
})

it('wordsOf says a name in words', () => {
  expect(nameToWords('lastUsed_at-date')).toBe('last used at date')
})

it('one very long word is brought to its stem in time', () => {
  const word = 'a.'.repeat(50_000)
  const started = threadTime()
  expect(stem(`${word}z`)).toBe(`${word}z`)
  expect(threadTime() - started).toBeLessThan(300)
})
