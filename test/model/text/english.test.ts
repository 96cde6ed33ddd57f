import { describe, expect, it } from 'vitest'
import { isEnglish } from '../../../src/model/text/english.ts'

describe('isEnglish', () => {
  it.each([
    'The café in São Paulo is open on Sundays.',
    'Zoë Müller and José García met in Zürich.',
    'Terrible service, slow food, rude waiter, never again',
    '| size | price |',
    'const retries = 3',
    '',
  ])('%j is', (text) => {
    expect(isEnglish(text)).toBe(true)
  })

  it.each([
    'Der Laden ist am Sonntag geschlossen.',
    'Le loyer est de cinq cents euros.',
    'La tienda abre a las nueve.',
    'De winkel is op zondag niet open.',
    'Foreningen ble stiftet i 1987, og leien er lav.',
    'Магазин открывается в девять.',
    'המכירה נפתחת בתשע',
    'दुकान नौ बजे खुलती है।',
    '商店九点开门。',
  ])('%j is not', (text) => {
    expect(isEnglish(text)).toBe(false)
  })
})
