/** Words without content of their own. Words that deny or count are not among them. */
const SMALL =
  'a an and are as at be been by for from has have i in into is it its of on onto or so that the their then there these this to too was were with you your'
const REPORTING =
  'added appended changed complete completed copied created deleted done edited finished made moved ok okay read ready removed renamed saved sent succeeded success successfully updated written wrote'

const WORDS = new Set(`${SMALL} ${REPORTING}`.split(' '))

/** Whether a word, in lower case, says nothing about the matter of a text. */
export const isCommonWord = (word: string): boolean => WORDS.has(word)
