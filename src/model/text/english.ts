/** Words of at least two letters: single letters occur in any language. */
const WORD = /\p{L}[\p{L}\p{M}]+/gu

/** Whether a text reads as English, by its stop words and letters. One with too few of both, such as a table, does. */
export function isEnglish(text: string): boolean {
  const words = text.match(WORD) ?? []
  const english = words.filter((word) => STOP_WORDS.has(word.toLowerCase())).length
  const foreign = words.filter((word) => FOREIGN_WORDS.has(word.toLowerCase()) || isForeign(word)).length
  return english >= foreign
}

/** A name keeps the accents of its language. */
function isForeign(word: string): boolean {
  return /[^\p{sc=Latin}\p{M}]/u.test(word) || (/[^A-Za-z]/.test(word) && !/^\p{Lu}/u.test(word))
}

export const STOP_WORDS = new Set(
  (
    'a about above after all also am an and any are as at be been before being below both but by can could did do does ' +
    'doing done down each else few for from had has have having he her here his how i if in into is it its just may me ' +
    'might more most must my no nor not of on only or other our out over own same shall she should so some such than ' +
    'that the their them then there these they this those to too under up us very was we were what when where which ' +
    'who whom whose why will with without would you your'
  ).split(' '),
)

/** Frequent words of other large European languages that English lacks. */
export const FOREIGN_WORDS = new Set(
  (
    'der die das und ist nicht ein eine einen dem den im mit auf für von wer wie wird sind hat sich ' +
    'le les des est et une que qui pas dans pour du sur il elle el los las en con por del se un una es como su ' +
    'di lo gli che non sono per della os um uma não com para da em ao het een van de niet zijn met voor ' +
    'och är det som att av til af og er ble på nie się jest na je ne si ve bir bu ' +
    'wo wann warum welche welcher welches quoi quel quelle quels combien où quand comment pourquoi quién qué cuál cuándo cómo dónde cuánto ' +
    'chi cosa quale quando dove wat hoe hvem hva кто что как где когда'
  ).split(' '),
)
