import { expect, it } from 'vitest'
import { missingWords, particularWords } from '../../../../src/model/offline/answer/particular-words.ts'

it.each<readonly [string, readonly string[]]>([
  ['What is the default port of the MQTT protocol?', ['MQTT']],
  ['Who lives in Bergen?', ['Bergen']],
  ['How much did Dr Müller pay in 2024?', ['2024', 'Müller']],
  ['What does readFile return?', ['readFile']],
  ['What is `lwm2m` for?', ['lwm2m']],
  ['What Is The Default Port Of This Protocol?', []],
  ['Wie heißt der Kapitän des Schiffes?', []],
  ['What happens on Monday?', []],
  ['how long is notice?', []],
  ['What happened at 09:40:18?', ['09:40:18']],
])('%s names %j', (question, words) => {
  expect(particularWords(question)).toEqual(words)
})

it('finds a name in another form, in any of the texts', () => {
  const texts = ['PostgreSQL listens on 5432.', 'Bergen’s harbour']
  expect(missingWords('Where does Postgres listen in Bergen?', texts)).toEqual([])
  expect(missingWords('What happened at 09:40?', ['2026-03-02T09:40:18Z']), 'a time').toEqual([])
  expect(missingWords('What is CACHE_AGE?', ['CACHE_SIZE is 4.'])).toEqual(['CACHE_AGE'])
  expect(missingWords('What does readFile do?', ['A reader of files. To read a file, call it.'])).toEqual([])
  expect(missingWords('What happened at 10:15?', ['2026-03-02T09:40:18Z'])).toEqual(['10:15'])
  expect(missingWords('Does MQTT listen on 1883 in Bergen?', texts)).toEqual(['MQTT', '1883'])
})
