/** A package without types: its lists of stop words. */
declare module 'stopword' {
  type Words = readonly string[]
  export const deu: Words, fra: Words, ita: Words, nld: Words, spa: Words
}
